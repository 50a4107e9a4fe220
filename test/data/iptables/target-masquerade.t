# -j MASQUERADE
%iptables
*nat;POSTROUTING
-j MASQUERADE;ok
-p tcp -j MASQUERADE --to-ports 5 --random;ok
-p tcp -j MASQUERADE --to-ports 5-6 --random-fully;ok
-j MASQUERADE --to-ports 5-6;fail;2;Need TCP, UDP, SCTP or DCCP with port specification
-p tcp -j MASQUERADE --to-ports 5:6;fail;2;Invalid port:port syntax - use dash
-p tcp -j MASQUERADE --to-ports 1.1.1.1;fail;2;Garbage after port value: `.1.1.1'
-p tcp -j MASQUERADE --to-ports 7-6;fail;2;Port range `6' funky
-p tcp -j MASQUERADE --to-ports foo;fail;2;Port `foo' not valid
-p tcp -j MASQUERADE --persistent;fail;2;unknown option "--persistent"
%ip6tables
*nat;POSTROUTING
-p tcp -j MASQUERADE --to-ports 80-90;ok
