# -m recent
%iptables
*filter;INPUT
-m recent --set;ok;-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource
-m recent --rcheck --seconds 5 --hitcount 3 --name foo --rdest;ok;-m recent --rcheck --seconds 5 --hitcount 3 --name foo --mask 255.255.255.255 --rdest
-m recent ! --update --reap --seconds 5;ok;-m recent ! --update --seconds 5 --reap --name DEFAULT --mask 255.255.255.255 --rsource
-m recent --rcheck --rttl --mask 255.255.0.0;ok;-m recent --rcheck --rttl --name DEFAULT --mask 255.255.0.0 --rsource
%ip6tables
*filter;INPUT
-m recent --set;ok;-m recent --set --name DEFAULT --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource
-m recent --rcheck --seconds 5 --hitcount 3 --name foo --rdest;ok;-m recent --rcheck --seconds 5 --hitcount 3 --name foo --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rdest
-m recent ! --update --reap --seconds 5;ok;-m recent ! --update --seconds 5 --reap --name DEFAULT --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource
-m recent --set --mask ffff::;ok;-m recent --set --name DEFAULT --mask ffff:: --rsource
%iptables,ip6tables
*filter;INPUT
-m recent --remove --rttl;fail;2;recent: option "--rttl" cannot be used together with "--remove".
-m recent;fail;2;recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'
-m recent --set --rcheck;fail;2;recent: option "--set" cannot be used together with "--rcheck".
-m recent --set --seconds 5;fail;1;Invalid argument. Run `dmesg' for more information.
-m recent --rcheck --reap;fail;2;recent: option "--reap" also requires "--seconds".
-m recent --set --name "a/b";fail;1;Invalid argument. Run `dmesg' for more information.
