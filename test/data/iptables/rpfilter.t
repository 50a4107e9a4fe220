# -m rpfilter
%iptables,ip6tables
*raw;PREROUTING
-m rpfilter;ok
-m rpfilter --loose --validmark --accept-local --invert;ok
-m rpfilter foo;fail;2;Bad argument `foo'
