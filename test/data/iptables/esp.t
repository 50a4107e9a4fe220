# -m esp
%iptables,ip6tables
*filter;INPUT
-p esp ! --espspi 5:6;ok;-p esp -m esp ! --espspi 5:6
-p esp --espspi 0x1;ok;-p esp -m esp --espspi 1
-p esp --espspi 5:;ok;-p esp -m esp --espspi 5:4294967295
-p esp;ok
-m esp;fail;1;Invalid argument. Run `dmesg' for more information.
