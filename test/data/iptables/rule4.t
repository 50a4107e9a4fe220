# what a rule has of its own, IPv4
%iptables
*filter;FORWARD
;ok
-j ACCEPT;ok
-j DROP;ok
-j QUEUE;ok
-j RETURN;ok
-s 10.0.0.1;ok;-s 10.0.0.1/32
-s 10.0.0.1/24;ok;-s 10.0.0.0/24
-s 10.1/16;ok;-s 10.1.0.0/16
-s 10/8;ok;-s 10.0.0.0/8
-s 10.1.2.3/255.0.255.0;ok;-s 10.0.2.0/255.0.255.0
-s 10.1.2.3/255.255.0.0;ok;-s 10.1.0.0/16
-s 0/0;ok;
! -s 0/0;ok;! -s 0.0.0.0/0
! -s 10.0.0.0/8 ! -d 10.0.0.0/8;ok
-s any/0;ok;
-s localhost;ok;-s 127.0.0.1/32
-i eth0 -o eth+;ok
! -i eth0 ! -o ppp+;ok
-i +;ok;
-p tcp;ok
-p 6;ok;-p tcp
-p TCP;ok;-p tcp
! -p tcp;ok
-p all;ok;
-p 58;ok;-p ipv6-icmp
-p 135;ok;-p mobility-header
-p 254;ok
-p mh;ok;-p mobility-header
-f;ok
! -f;ok
-d 10.0.0.2 -s 10.0.0.1 -p udp -o b -i a -f -j ACCEPT;ok;-s 10.0.0.1/32 -d 10.0.0.2/32 -i a -o b -p udp -f -j ACCEPT
--source 10.0.0.1 --destination 10.0.0.2 --in-interface a --out-interface b --protocol udp --fragments --jump ACCEPT;ok;-s 10.0.0.1/32 -d 10.0.0.2/32 -i a -o b -p udp -f -j ACCEPT
--src 10.0.0.1 --dst=10.0.0.2 --in-i a --prot udp --ju ACCEPT;ok;-s 10.0.0.1/32 -d 10.0.0.2/32 -i a -p udp -j ACCEPT
-s10.0.0.1 -jACCEPT;ok;-s 10.0.0.1/32 -j ACCEPT
-s 10.0.0.1/33;fail;2;invalid mask `33' specified
-s 10.0.0.1/;fail;2;invalid mask `' specified
-s /24;fail;2;host/network `' not found
-s 10.0.0.256;fail;2;host/network `10.0.0.256' not found
-s a.b.c;fail;2;host/network `a.b.c' not found
-s 2001:db8::1;fail;2;host/network `2001:db8::1' not found
! -s 10.0.0.1,10.0.0.2;fail;2;! not allowed with multiple source or destination IP addresses
-s 10.0.0.1 -s 10.0.0.2;fail;2;multiple -s flags not allowed
-p tcp -p udp;fail;2;multiple -p flags not allowed
-i a -i b;fail;2;multiple -i flags not allowed
-j ACCEPT -j DROP;fail;2;multiple -j flags not allowed
-j ACCEPT -g x;fail;2;multiple -j flags not allowed
! -j ACCEPT;fail;2;cannot have ! before -j
! -p 0;fail;2;rule would never match protocol
-p foo;fail;2;unknown protocol "foo" specified
-p 256;fail;2;unknown protocol "256" specified
-i "";fail;2;Empty interface is likely to be undesired
-i sixteenletters16;fail;2;interface name `sixteenletters16' must be shorter than IFNAMSIZ (15)
-j "";fail;2;Invalid target name (too short)
-j "a b";fail;2;Invalid target name `a b'
-j NOSUCH;fail;2;Couldn't load target `NOSUCH':No such file or directory
-g nosuch;fail;2;goto 'nosuch' is not a chain
-m nosuch;fail;2;Couldn't load match `nosuch':No such file or directory
! -m mark --mark 1;fail;2;unexpected ! flag before --match
--nosuch;fail;2;unknown option "--nosuch"
-y;fail;2;unknown option "-y"
--dport 80;fail;2;unknown option "--dport"
-p tcp --d 80;fail;2;unknown option "--d"
word;fail;2;Bad argument `word'
-s;fail;2;option "-s" requires an argument
!;fail;2;nothing appropriate following !
! ! -s 10.0.0.1;fail;2;multiple consecutive ! not allowed
-- word;fail;2;unknown arguments found on commandline
-n;fail;2;Illegal option `-n' with this command
-x;fail;2;Illegal option `-x' with this command
--line-numbers;fail;2;Illegal option `-0' with this command
-t nosuch;fail;3;can't initialize iptables table `nosuch': Table does not exist (do you need to insmod?)
-6;fail;2;Try `iptables -h'
*filter;INPUT
-o eth0;fail;2;Can't use -o with INPUT
*filter;OUTPUT
-i eth0;fail;2;Can't use -i with OUTPUT
*nat;PREROUTING
-j DROP;fail;2;The "nat" table is not intended for filtering, the use of DROP is therefore inhibited.
