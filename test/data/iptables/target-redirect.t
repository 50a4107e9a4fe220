# -j REDIRECT
%iptables
*nat;PREROUTING
-j REDIRECT;ok
-p tcp -j REDIRECT --to-ports 5-6 --random;ok
-p tcp -j REDIRECT --to-ports ssh;ok;-p tcp -j REDIRECT --to-ports 22
-p tcp -j REDIRECT --to-ports 5/6;fail;2;Garbage after port value: `/6'
-p tcp -j REDIRECT --to-ports 5-7/6;fail;2;Shifted portmap ranges not supported with this kernel
-j REDIRECT --to-ports 5;fail;2;Need TCP, UDP, SCTP or DCCP with port specification
-p tcp -j REDIRECT --random-fully --persistent;fail;2;unknown option "--random-fully"
%ip6tables
*nat;PREROUTING
-p tcp -j REDIRECT --to-ports 80;ok
