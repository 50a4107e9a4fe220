# -m connmark
%iptables,ip6tables
*filter;INPUT
-m connmark --mark 1;ok;-m connmark --mark 0x1
-m connmark ! --mark 0x1/0x3;ok
-m connmark;fail;2;connmark: option "--mark" must be specified
