# -m length
%iptables,ip6tables
*filter;INPUT
-m length --length 5;ok
-m length --length 5:;ok;-m length --length 5:65535
-m length ! --length :5;ok;-m length ! --length 0:5
-m length;fail;2;length: option "--length" must be specified
