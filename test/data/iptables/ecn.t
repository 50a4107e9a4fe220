# -m ecn
%iptables,ip6tables
*filter;INPUT
-p tcp -m ecn --ecn-tcp-ece ! --ecn-tcp-cwr;ok
-m ecn --ecn-tcp-ece;fail;1;Invalid argument. Run `dmesg' for more information.
-m ecn ! --ecn-ip-ect 2;ok
-m ecn --ecn-ip-ect 4;fail;2;ecn: bad value for option "--ecn-ip-ect", or out of range (0-3).
-m ecn;fail;2;ECN match: some option required
