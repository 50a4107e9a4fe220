# -j REJECT
%iptables,ip6tables
*filter;INPUT
-j REJECT --reject-with foo;fail;2;unknown reject type "foo"
%iptables
*filter;INPUT
-j REJECT --reject-with echo-reply;fail;2;unknown reject type "echo-reply"
-j REJECT --reject-with tcp-rst;fail;1;Invalid argument. Run `dmesg' for more information.
-p tcp -j REJECT --reject-with tcp-r;ok;-p tcp -j REJECT --reject-with tcp-reset
-j REJECT --reject-with net;ok;-j REJECT --reject-with icmp-net-unreachable
%ip6tables
*filter;INPUT
-j REJECT --reject-with tcp-reset;fail;1;Invalid argument. Run `dmesg' for more information.
-j REJECT;ok;-j REJECT --reject-with icmp6-port-unreachable
-j REJECT --reject-with no-route;ok;-j REJECT --reject-with icmp6-no-route
-j REJECT --reject-with icmp6-policy-fail;ok
-p tcp -j REJECT --reject-with tcp-reset;ok
