# -j SNAT
%iptables
*nat;POSTROUTING
-j SNAT;fail;2;SNAT: option "--to-source" must be specified
-j SNAT --to 1.1.1.1;ok;-j SNAT --to-source 1.1.1.1
-j SNAT --to 1.1.1.1-1.1.1.9 --random;ok;-j SNAT --to-source 1.1.1.1-1.1.1.9 --random
-j SNAT --to 1.1.1.1-1.1.1.9:5;fail;2;Need TCP, UDP, SCTP or DCCP with port specification
-p tcp -j SNAT --to 1.1.1.1:80-90 --random-fully;ok;-p tcp -j SNAT --to-source 1.1.1.1:80-90 --random-fully
-p tcp -j SNAT --to :80-90 --persistent;ok;-p tcp -j SNAT --to-source :80-90 --persistent
-p tcp -j SNAT --to 1.1.1.1 --persistent --random --random-fully;ok;-p tcp -j SNAT --to-source 1.1.1.1 --random --random-fully --persistent
-p tcp -j SNAT --to 1.1.1.1:99999;fail;2;Port `99999' not valid
-p tcp -j SNAT --to 1.1.1.1:0;ok;-p tcp -j SNAT --to-source 1.1.1.1:0
-p tcp -j SNAT --to 1.1.1.1:ssh;ok;-p tcp -j SNAT --to-source 1.1.1.1:22
-p tcp -j SNAT --to 1.1.1.1:5:6;fail;2;Bad IP address "1.1.1.1:5:6"
-p tcp -j SNAT --to 1.1.1.1:9-5;fail;2;Port range `5' funky
-p tcp -j SNAT --to 1.1.1.1:5-6x;fail;2;Garbage after port range: `x'
-p tcp -j SNAT --to 1.1.1.1-;fail;2;Bad IP address ""
-p tcp -j SNAT --to 1.1.1.9-1.1.1.1;ok;-p tcp -j SNAT --to-source 1.1.1.9-1.1.1.1
-p tcp -j SNAT --to 1.1.1.1 --to 1.1.1.2;fail;2;SNAT: option "--to-source" can only be used once.
-p tcp -j SNAT --random;fail;2;SNAT: option "--to-source" must be specified
-p icmp -j SNAT --to 1.1.1.1:5;ok;-p icmp -j SNAT --to-source 1.1.1.1:5
-p icmp -j SNAT --to "";fail;2;Bad IP address ""
%iptables,ip6tables
*nat;POSTROUTING
-p tcp -j SNAT --to foo;fail;2;Bad IP address "foo"
%iptables
*nat;PREROUTING
-j SNAT --to 1.1.1.1;fail;1;Invalid argument. Run `dmesg' for more information.
%iptables
*filter;INPUT
-j SNAT --to 1.1.1.1;fail;1;Invalid argument. Run `dmesg' for more information.
%ip6tables
*nat;POSTROUTING
-j SNAT --to 2001:db8::1;ok;-j SNAT --to-source 2001:db8::1
-j SNAT --to 2001:db8::1-2001:db8::9;ok;-j SNAT --to-source 2001:db8::1-2001:db8::9
-p tcp -j SNAT --to [2001:db8::1]:80;ok;-p tcp -j SNAT --to-source [2001:db8::1]:80
-p tcp -j SNAT --to [2001:db8::1]-[2001:db8::9]:80;fail;2;Port `db8::9]:80' not valid
-p tcp -j SNAT --to [2001:db8::1-2001:db8::9]:80-90;ok;-p tcp -j SNAT --to-source [2001:db8::1-2001:db8::9]:80-90
-p tcp -j SNAT --to [2001:db8::1];ok;-p tcp -j SNAT --to-source 2001:db8::1
-p tcp -j SNAT --to [2001:db8::1;fail;2;Invalid address format
-p tcp -j SNAT --to :80;ok;-p tcp -j SNAT --to-source :80
-p tcp -j SNAT --to []:80;ok;-p tcp -j SNAT --to-source :80
-p tcp -j SNAT --to [foo]:80;fail;2;Bad IP address "foo"
-p tcp -j SNAT --to [2001:db8::1]80;ok;-p tcp -j SNAT --to-source 2001:db8::1
