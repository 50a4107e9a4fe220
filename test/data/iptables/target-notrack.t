# -j NOTRACK
%iptables
*raw;PREROUTING
-j NOTRACK;ok
