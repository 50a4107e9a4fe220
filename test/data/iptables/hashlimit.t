# -m hashlimit
%iptables,ip6tables
*filter;INPUT
-m hashlimit --hashlimit-above 5/sec --hashlimit-name x;ok;-m hashlimit --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-name x
-m hashlimit --hashlimit-upto 5/min --hashlimit-burst 7 --hashlimit-mode srcip,dstport --hashlimit-name foo --hashlimit-srcmask 24;ok
-m hashlimit --hashlimit-upto 5/min --hashlimit-mode srcip --hashlimit-name foo2 --hashlimit-dstmask 24 --hashlimit-htable-size 5 --hashlimit-htable-max 6 --hashlimit-htable-gcinterval 7 --hashlimit-htable-expire 8;ok;-m hashlimit --hashlimit-upto 5/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name foo2 --hashlimit-htable-size 5 --hashlimit-htable-max 6 --hashlimit-htable-gcinterval 7 --hashlimit-htable-expire 8 --hashlimit-dstmask 24
-m hashlimit --hashlimit-above 512kb/s --hashlimit-burst 1mb --hashlimit-mode srcip --hashlimit-name foo3;ok
-m hashlimit --hashlimit-above 512b/s --hashlimit-name foo4;ok
-m hashlimit --hashlimit-upto 10/sec --hashlimit-name foo5 --hashlimit-rate-match;ok;-m hashlimit --hashlimit-upto 10/sec --hashlimit-burst 5 --hashlimit-name foo5 --hashlimit-rate-match
-m hashlimit --hashlimit-upto 10/sec --hashlimit-name foo6 --hashlimit-rate-match --hashlimit-rate-interval 5;ok;-m hashlimit --hashlimit-upto 10/sec --hashlimit-burst 5 --hashlimit-name foo6 --hashlimit-rate-match --hashlimit-rate-interval 5
-m hashlimit --hashlimit-upto 10/foo --hashlimit-name foo7;fail;2;hashlimit: Bad value for "--hashlimit-upto" option: "10/foo"
-m hashlimit --hashlimit 10/sec --hashlimit-mode foo --hashlimit-name foo7;fail;2;hashlimit: Bad value for "--hashlimit-mode" option: "foo"
-m hashlimit --hashlimit 10/sec;fail;2;hashlimit: option "--hashlimit-name" must be specified
-m hashlimit --hashlimit-name x;fail;2;You have to specify --hashlimit
-m hashlimit --hashlimit-upto 10000000/sec --hashlimit-name foo8;fail;2;Rate too fast "10000000/sec"
-m hashlimit --hashlimit-upto 100000/sec --hashlimit-name foo9;ok;-m hashlimit --hashlimit-upto 100000/sec --hashlimit-burst 5 --hashlimit-name foo9
-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 0 --hashlimit-name foo10;fail;2;bad value for option "--hashlimit-burst", or out of range (1-1000000).
-m hashlimit --hashlimit-upto 3/day --hashlimit-mode dstip,srcport --hashlimit-name foo11 --hashlimit-burst 4;ok;-m hashlimit --hashlimit-upto 3/day --hashlimit-burst 4 --hashlimit-mode srcport,dstip --hashlimit-name foo11
%ip6tables
*filter;INPUT
-m hashlimit --hashlimit-upto 5/min --hashlimit-mode srcip --hashlimit-name foo2 --hashlimit-srcmask 64;ok;-m hashlimit --hashlimit-upto 5/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name foo2 --hashlimit-srcmask 64
