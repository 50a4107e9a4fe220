# -j DSCP
%iptables
*mangle;FORWARD
-j DSCP --set-dscp 5;ok;-j DSCP --set-dscp 0x05
-j DSCP --set-dscp 0x40;fail;2;DSCP: bad value for option "--set-dscp", or out of range (0-63).
-j DSCP --set-dscp-class ef;ok;-j DSCP --set-dscp 0x2e
-j DSCP --set-dscp-class foo;fail;2;Invalid DSCP value `foo'
-j DSCP --set-dscp-class cs1 --set-dscp 3;fail;2;DSCP: option "--set-dscp" cannot be used together with "--set-dscp-class".
-j DSCP;fail;2;DSCP target: Parameter --set-dscp is required
