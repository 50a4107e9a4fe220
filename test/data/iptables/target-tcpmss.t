# -j TCPMSS
%iptables
*mangle;FORWARD
-p tcp -j TCPMSS --set-mss 5;fail;1;Invalid argument. Run `dmesg' for more information.
-p tcp --syn -j TCPMSS --set-mss 5;ok;-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 5
-p tcp --syn -j TCPMSS --set-mss 65496;ok;-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 65496
-p tcp --syn -j TCPMSS;fail;2;TCPMSS target: At least one parameter is required
-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu --set-mss 5;ok;-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 5
-p tcp ! --syn -j TCPMSS --set-mss 7;fail;1;Invalid argument. Run `dmesg' for more information.
-j TCPMSS --set-mss 5;fail;1;Invalid argument. Run `dmesg' for more information.
%iptables,ip6tables
*mangle;FORWARD
-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu;ok;-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --clamp-mss-to-pmtu
%iptables
*mangle;PREROUTING
-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu;fail;1;Invalid argument. Run `dmesg' for more information.
