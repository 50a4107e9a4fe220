# -m ah
%iptables,ip6tables
*filter;INPUT
-p ah --ahspi 5:6;ok;-p ah -m ah --ahspi 5:6
-p ah ! --ahspi 7;ok;-p ah -m ah ! --ahspi 7
-p ah;ok
%ip6tables
*filter;INPUT
-m ah --ahspi 5;ok
-m ah ! --ahspi 5:6 --ahlen 7 --ahres;ok
-m ah ! --ahlen 7;ok
-m ah;ok
