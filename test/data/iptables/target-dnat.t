# -j DNAT
%iptables
*nat;PREROUTING
-p tcp -j DNAT --to 1.1.1.1:5-6/7;ok;-p tcp -j DNAT --to-destination 1.1.1.1:5-6/7
-p tcp -j DNAT --to 1.1.1.1:5-6/0;fail;2;Port `0' not valid
-p tcp -j DNAT --to 1.1.1.1:5-6/ssh;ok;-p tcp -j DNAT --to-destination 1.1.1.1:5-6/22
-p tcp -j DNAT --to 1.1.1.1:5-6/7x;ok;-p tcp -j DNAT --to-destination 1.1.1.1:5-6/7
-p tcp -j DNAT --to 1.1.1.1:5/7;fail;2;Garbage after port value: `/7'
-p tcp -j DNAT --to-destination 1.1.1.1 --random --persistent;ok
-p tcp -j DNAT --to-destination 1.1.1.1 --random-fully;fail;2;unknown option "--random-fully"
-p tcp -j DNAT;fail;2;DNAT: option "--to-destination" must be specified
-p tcp -j DNAT --to-source 1.1.1.1;fail;2;unknown option "--to-source"
%ip6tables
*nat;PREROUTING
-p tcp -j DNAT --to [2001:db8::1]:80-90/5;ok;-p tcp -j DNAT --to-destination [2001:db8::1]:80-90/5
