# -m tos
%iptables,ip6tables
*filter;INPUT
-m tos --tos 0x10;ok;-m tos --tos 0x10/0xff
-m tos ! --tos Minimize-Delay;ok;-m tos ! --tos 0x10/0x3f
-m tos --tos 0x10/0x3f;ok
-m tos --tos 0x300;fail;2;Symbolic name "0x300" is unknown
-m tos;fail;2;tos: option "--tos" must be specified
