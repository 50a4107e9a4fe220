# -j LOG
%iptables,ip6tables
*filter;INPUT
-j LOG;ok
%iptables
*filter;INPUT
-j LOG --log-prefix "a b" --log-level info --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode;ok;-j LOG --log-prefix "a b" --log-level 6 --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode
-j LOG --log-level 9;fail;2;log level "9" unknown
-j LOG --log-level foo;fail;2;log level "foo" unknown
-j LOG --log-level crit;ok;-j LOG --log-level 2
-j LOG --log-level warn;fail;2;log level "warn" unknown
-j LOG --log-prefix 123456789012345678901234567890;ok;-j LOG --log-prefix 12345678901234567890123456789
-j LOG --log-prefix "";fail;2;Argument must have a minimum length of 1 characters
-j LOG --log-prefix 12345678901234567890123456789;ok
