# -m devgroup
%iptables,ip6tables
*filter;INPUT
-m devgroup --src-group 5;ok;-m devgroup --src-group 0x5
-m devgroup ! --src-group 0x5/0x7;ok
-m devgroup;fail;2;devgroup match: You must specify either '--src-group' or '--dst-group'
-m devgroup --src-group foo;fail;2;devgroup: could not map name foo to an integer value for option "--src-group".
%iptables,ip6tables
*filter;OUTPUT
-m devgroup --dst-group 5;ok;-m devgroup --dst-group 0x5
