# -m ttl
%iptables
*filter;INPUT
-m ttl --ttl-eq 5;ok
-m ttl ! --ttl 5;ok;-m ttl ! --ttl-eq 5
-m ttl --ttl-gt 5;ok
-m ttl --ttl-lt 5;ok
-m ttl --ttl-lt 5 --ttl-gt 3;fail;2;ttl: option "--ttl-lt" cannot be used together with "--ttl-gt".
-m ttl;fail;2;TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt
