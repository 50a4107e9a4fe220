# -m connbytes
%iptables,ip6tables
*filter;INPUT
-m connbytes --connbytes 1:5 --connbytes-dir original --connbytes-mode packets;ok;-m connbytes --connbytes 1:5 --connbytes-mode packets --connbytes-dir original
-m connbytes --connbytes :5 --connbytes-dir reply --connbytes-mode bytes;ok;-m connbytes --connbytes 0:5 --connbytes-mode bytes --connbytes-dir reply
-m connbytes --connbytes 5:1 --connbytes-dir reply --connbytes-mode bytes;fail;2;5 should be less than 1
-m connbytes --connbytes 5 --connbytes-dir foo --connbytes-mode bytes;fail;2;Unknown --connbytes-dir `foo'
-m connbytes --connbytes 5 --connbytes-dir reply --connbytes-mode foo;fail;2;Unknown --connbytes-mode `foo'
-m connbytes --connbytes 5;fail;2;connbytes: option "--connbytes-dir" must be specified
