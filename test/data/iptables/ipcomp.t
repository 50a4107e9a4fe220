# -m ipcomp
%iptables,ip6tables
*filter;INPUT
-p ipcomp --ipcompspi 5;ok;-p ipcomp -m ipcomp --ipcompspi 5
-m ipcomp --ipcompspi 5;fail;1;Invalid argument. Run `dmesg' for more information.
