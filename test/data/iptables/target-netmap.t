# -j NETMAP
%iptables
*nat;POSTROUTING
-j NETMAP --to 1.2.3.0/24;ok
-j NETMAP --to 1.2.3.4;ok;-j NETMAP --to 1.2.3.4/32
-j NETMAP --to 1.2.3.4/255.0.255.0;ok;-j NETMAP --to 1.2.3.4/32
-j NETMAP;fail;2;NETMAP: option "--to" must be specified
-j NETMAP --to 1.2.3.4/24;ok;-j NETMAP --to 1.2.3.0/24
%ip6tables
*nat;POSTROUTING
-j NETMAP --to 2001:db8::/64;ok
-j NETMAP --to 2001:db8::1;ok;-j NETMAP --to 2001:db8::1/128
