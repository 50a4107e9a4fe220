# -m realm
%iptables
*filter;INPUT
-m realm --realm 5;ok;-m realm --realm 0x5
-m realm ! --realm 5/7;ok;-m realm ! --realm 0x5/0x7
-m realm --realm foo;fail;2;realm: could not map name foo to an integer value for option "--realm".
%ip6tables
*filter;INPUT
-m realm --realm 5;fail;2;Couldn't load match `realm':No such file or directory
-m realm ! --realm 5/7;fail;2;Couldn't load match `realm':No such file or directory
-m realm --realm foo;fail;2;Couldn't load match `realm':No such file or directory
