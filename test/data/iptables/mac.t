# -m mac
%iptables,ip6tables
*filter;INPUT
-m mac --mac-source 00:01:02:03:0A:0B;ok;-m mac --mac-source 00:01:02:03:0a:0b
-m mac ! --mac-source 02:00:00:00:00:01;ok
-m mac --mac-source foo;fail;2;Invalid MAC address specified.
%iptables,ip6tables
*filter;OUTPUT
-m mac --mac-source 02:00:00:00:00:01;fail;1;Invalid argument. Run `dmesg' for more information.
