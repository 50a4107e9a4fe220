# -m helper
%iptables,ip6tables
*filter;INPUT
-m helper --helper ftp;ok
-m helper ! --helper "a b";ok
-m helper;fail;2;helper: option "--helper" must be specified
