# -j TRACE
%iptables
*raw;PREROUTING
-j TRACE;ok
%iptables
*filter;INPUT
-j TRACE;fail;1;Invalid argument. Run `dmesg' for more information.
