# -m connlimit
%iptables
*filter;INPUT
-m connlimit --connlimit-above 5;ok;-m connlimit --connlimit-above 5 --connlimit-mask 32 --connlimit-saddr
-m connlimit ! --connlimit-above 5;ok;-m connlimit --connlimit-upto 5 --connlimit-mask 32 --connlimit-saddr
-m connlimit --connlimit-above 5 --connlimit-saddr;ok;-m connlimit --connlimit-above 5 --connlimit-mask 32 --connlimit-saddr
%ip6tables,ip6tables
*filter;INPUT
-m connlimit --connlimit-above 5;ok;-m connlimit --connlimit-above 5 --connlimit-mask 128 --connlimit-saddr
%iptables,ip6tables
*filter;INPUT
-m connlimit --connlimit-upto 5 --connlimit-mask 8 --connlimit-daddr;ok
-m connlimit --connlimit-mask 8;fail;2;You must specify "--connlimit-above" or "--connlimit-upto".
%ip6tables
*filter;INPUT
-m connlimit ! --connlimit-above 5;ok;-m connlimit --connlimit-upto 5 --connlimit-mask 128 --connlimit-saddr
-m connlimit --connlimit-above 5 --connlimit-saddr;ok;-m connlimit --connlimit-above 5 --connlimit-mask 128 --connlimit-saddr
-m connlimit --connlimit-above 5 --connlimit-mask 64;ok;-m connlimit --connlimit-above 5 --connlimit-mask 64 --connlimit-saddr
