# -m comment
%iptables,ip6tables
*filter;INPUT
-m comment --comment "two words";ok
-m comment --comment "say \"so\"";ok
-m comment --comment plain;ok
-m comment;fail;2;comment: option "--comment" must be specified
