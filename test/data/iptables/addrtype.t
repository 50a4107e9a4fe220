# -m addrtype
%iptables,ip6tables
*filter;INPUT
-m addrtype --src-type LOCAL --limit-iface-in;ok
-m addrtype ! --src-type UNICAST,LOCAL --dst-type MULTICAST;ok
-m addrtype --src-type foo;fail;2;addrtype: bad type "foo"
-m addrtype --src-type LOCAL,;fail;2;addrtype: bad type ""
-m addrtype --src-type LOCAL --limit-iface-out;fail;1;Invalid argument. Run `dmesg' for more information.
-m addrtype;fail;2;addrtype: you must specify --src-type or --dst-type
%iptables,ip6tables
*filter;OUTPUT
-m addrtype --dst-type LOCAL --limit-iface-in;fail;1;Invalid argument. Run `dmesg' for more information.
%ip6tables
*filter;INPUT
-m addrtype --src-type BROADCAST;fail;1;Invalid argument. Run `dmesg' for more information.
