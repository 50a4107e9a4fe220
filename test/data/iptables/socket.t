# -m socket
%iptables,ip6tables
*filter;INPUT
-m socket;ok
-m socket --transparent --nowildcard --restore-skmark;ok
