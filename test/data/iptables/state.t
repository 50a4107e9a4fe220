# -m state
%iptables,ip6tables
*filter;INPUT
-m state --state NEW,ESTABLISHED;ok
-m state ! --state INVALID;ok
-m state --state SNAT;fail;2;Bad state "SNAT"
-m state;fail;2;state: option "--state" must be specified
