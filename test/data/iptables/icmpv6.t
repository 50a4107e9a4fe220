# -m icmpv6
%ip6tables
*filter;INPUT
-p icmpv6 --icmpv6-type echo-request;ok;-p ipv6-icmp -m icmp6 --icmpv6-type 128
-p icmpv6 ! --icmpv6-type neighbor-sol;ok;-p ipv6-icmp -m icmp6 ! --icmpv6-type 135
-p icmpv6 --icmpv6-type 1/4;ok;-p ipv6-icmp -m icmp6 --icmpv6-type 1/4
-p icmpv6 --icmpv6-type any;fail;2;Unknown ICMPv6 type `any'
-p icmpv6 --icmpv6-type n;fail;2;Ambiguous ICMPv6 type `n': `no-route' or `neighbour-solicitation'?
