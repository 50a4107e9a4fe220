# -m quota
%iptables,ip6tables
*filter;INPUT
-m quota --quota 5;ok
-m quota ! --quota 5;ok
-m quota --quota 99999999999999999999;fail;2;quota: bad value for option "--quota", or out of range (0-18446744073709551615).
-m quota;fail;2;quota: option "--quota" must be specified
