# -m udp
%iptables,ip6tables
*filter;INPUT
-p udplite -m udp --sport 5;fail;1;Invalid argument. Run `dmesg' for more information.
-p udp --sport 5 ! --dport 6:;ok;-p udp -m udp --sport 5 ! --dport 6:65535
-p udp --dport domain;ok;-p udp -m udp --dport 53
-m udp --dport 5;fail;1;Invalid argument. Run `dmesg' for more information.
