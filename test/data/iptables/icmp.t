# -m icmp
%iptables
*filter;INPUT
-p icmp --icmp-type echo-request;ok;-p icmp -m icmp --icmp-type 8
-p icmp ! --icmp-type any;ok;-p icmp -m icmp ! --icmp-type any
-p icmp --icmp-type 3/4;ok;-p icmp -m icmp --icmp-type 3/4
-p icmp --icmp-type redir;ok;-p icmp -m icmp --icmp-type 5
-p icmp --icmp-type network;fail;2;Ambiguous ICMP type `network': `network-unreachable' or `network-unknown'?
-p icmp --icmp-type foo;fail;2;Unknown ICMP type `foo'
-p icmp --icmp-type 8/x;fail;2;Unknown ICMP code `8/x'
-p icmp --icmp-type 8:9;fail;2;ICMP type range not supported
-p icmp --icmp-type 8-9;fail;2;unknown character -
