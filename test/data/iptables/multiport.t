# -m multiport
%iptables,ip6tables
*filter;INPUT
-p tcp -m multiport --ports 1,2:3,22;ok
-p udp -m multiport ! --sports 1:2;ok
-p tcp -m multiport --dports 2:2;fail;2;invalid portrange specified
-p tcp -m multiport --dports 2,;fail;2;invalid port/service `' specified
-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16;fail;2;too many ports specified
-p tcp -m multiport;fail;2;multiport expection an option
-p icmp -m multiport --ports 1;fail;2;multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP
-m multiport --ports 1;fail;2;multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'
! -p tcp -m multiport --ports 1;fail;2;multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP
