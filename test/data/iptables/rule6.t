# what a rule has of its own, IPv6
%ip6tables
*filter;FORWARD
-s 2001:db8::1;ok;-s 2001:db8::1/128
-s 2001:DB8:0:0::1/64;ok;-s 2001:db8::/64
-s 2001:db8::1/ffff:ffff::;ok;-s 2001:db8::/32
-s 2001:db8::1/ffff:0:ffff::;ok;-s 2001::/ffff:0:ffff::
! -d fe80::/10;ok
-s ::/0;ok;
! -s ::/0;ok
-p ipv6-icmp;ok
-p icmpv6;ok;-p ipv6-icmp
-p 44;ok;-p ipv6-frag
-i eth0 ! -o ppp+ -j ACCEPT;ok
-s 2001:db8::1/129;fail;2;invalid mask `129' specified
-s 10.0.0.1;fail;2;host/network `10.0.0.1' not found
-f;fail;2;`-f' is not supported in IPv6, use -m frag instead
-4;fail;2;Try `ip6tables -h'
