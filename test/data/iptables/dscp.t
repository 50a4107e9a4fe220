# -m dscp
%iptables,ip6tables
*filter;INPUT
-m dscp --dscp 64;fail;2;dscp: bad value for option "--dscp", or out of range (0-63).
-m dscp;fail;2;DSCP match: Parameter --dscp is required
-m dscp --dscp-class foo;fail;2;Invalid DSCP value `foo'
-m dscp ! --dscp-class ef;ok;-m dscp ! --dscp 0x2e
