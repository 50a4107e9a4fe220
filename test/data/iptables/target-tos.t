# -j TOS
%iptables,ip6tables
*mangle;FORWARD
-j TOS --set-tos 0x10;ok;-j TOS --set-tos 0x10/0xff
%iptables
*mangle;FORWARD
-j TOS --set-tos 0x10/0x3f;ok
-j TOS --set-tos Minimize-Delay;ok;-j TOS --set-tos 0x10/0x3f
-j TOS --set-tos minimize-cost;ok;-j TOS --set-tos 0x02/0x3f
-j TOS --set-tos foo;fail;2;Symbolic name "foo" is unknown
-j TOS --and-tos 0x3;ok;-j TOS --set-tos 0x00/0xfc
-j TOS --or-tos 0x3;ok;-j TOS --set-tos 0x03/0x03
-j TOS --xor-tos 0x3;ok;-j TOS --set-tos 0x03/0x00
-j TOS --xor-tos 0x300;fail;2;TOS: bad value for option "--xor-tos", or out of range (0-255).
-j TOS;fail;2;TOS: An action is required
-j TOS --and-tos 1 --or-tos 1;fail;2;TOS: option "--and-tos" cannot be used together with "--or-tos".
