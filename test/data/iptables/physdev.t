# -m physdev
%iptables,ip6tables
*filter;INPUT
-m physdev --physdev-in eth0;ok
-m physdev ! --physdev-in eth+ --physdev-is-bridged;ok
-m physdev --physdev-is-in;ok
-m physdev;fail;2;PHYSDEV: no physdev option specified
