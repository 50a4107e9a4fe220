# -m cpu
%iptables,ip6tables
*filter;INPUT
-m cpu --cpu 1;ok
-m cpu ! --cpu 1;ok
-m cpu --cpu foo;fail;2;cpu: bad value for option "--cpu", or out of range (0-4294967295).
