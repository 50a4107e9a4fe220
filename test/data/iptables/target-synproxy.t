# -j SYNPROXY
%iptables,ip6tables
*filter;INPUT,FORWARD
-p tcp -j SYNPROXY;ok
-p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn;ok
-p tcp -j SYNPROXY --ecn --mss 0 --wscale 15;ok;-p tcp -j SYNPROXY --wscale 15 --mss 0 --ecn
-p tcp -j SYNPROXY --mss 65536;ok;-p tcp -j SYNPROXY --mss 0
-p tcp -m tcp --dport 42 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 9 --mss 1460;ok
-j SYNPROXY;fail;1;Invalid argument. Run `dmesg' for more information.
! -p tcp -j SYNPROXY;fail;1;Invalid argument. Run `dmesg' for more information.
-p tcp -j SYNPROXY --mss;fail;2;option "--mss" requires an argument
-p tcp -j SYNPROXY --mss x;fail;2;SYNPROXY: bad value for option "--mss", or out of range (0-4294967295).
-p tcp -j SYNPROXY --ecn --ecn;fail;2;SYNPROXY: option "--ecn" can only be used once.
*filter;OUTPUT
-p tcp -j SYNPROXY;fail;1;Invalid argument. Run `dmesg' for more information.
