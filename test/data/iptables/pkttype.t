# -m pkttype
%iptables,ip6tables
*filter;INPUT
-m pkttype --pkt-type unicast;ok
-m pkttype ! --pkt-type host;ok;-m pkttype ! --pkt-type unicast
-m pkttype --pkt-type foo;fail;2;Bad packet type 'foo'
-m pkttype;fail;2;pkttype: option "--pkt-type" must be specified
-m pkttype --pkt-type mult;fail;2;Bad packet type 'mult'
