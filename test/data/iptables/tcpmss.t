# -m tcpmss
%iptables,ip6tables
*filter;INPUT
-m tcpmss --mss 5;fail;1;Invalid argument. Run `dmesg' for more information.
-p tcp -m tcpmss ! --mss 5:9;ok
-p tcp -m tcpmss --mss 5:;ok;-p tcp -m tcpmss --mss 5:65535
