# -m tcp
%iptables,ip6tables
*filter;INPUT
-p tcp --sport 1:;ok;-p tcp -m tcp --sport 1:65535
-p tcp ! --dport :1023;ok;-p tcp -m tcp ! --dport 0:1023
-p tcp --dport ssh;ok;-p tcp -m tcp --dport 22
-p tcp --dport 5:3;fail;2;invalid portrange (min > max)
-p tcp --dport foo;fail;2;invalid port/service `foo' specified
-p tcp --dport 1 --dport 2;fail;2;Only one `--destination-port' allowed
-p tcp --syn;ok;-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN
-p tcp ! --tcp-flags ALL NONE;ok;-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE
-p tcp --tcp-flags SYN;fail;2;--tcp-flags requires two args.
-p tcp --tcp-flags foo SYN;fail;2;Unknown TCP flag `foo'
-p tcp --syn --tcp-flags SYN SYN;fail;2;Only one of `--syn' or `--tcp-flags'  allowed
-p tcp --tcp-option 8;ok;-p tcp -m tcp --tcp-option 8
-p tcp ! --tcp-option 2;ok;-p tcp -m tcp ! --tcp-option 2
-p tcp --tcp-option 0;fail;2;Bad TCP option "0"
-p tcp --tcp-option x;fail;2;Bad TCP option "x"
