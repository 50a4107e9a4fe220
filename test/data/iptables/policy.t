# -m policy
%iptables,ip6tables
*filter;INPUT
-m policy --dir in --pol none;ok
-m policy --dir in --pol ipsec --strict --reqid 1 --next ! --spi 0x5 --proto ah --mode transport;ok
-m policy --dir out --pol none;fail;1;Invalid argument. Run `dmesg' for more information.
-m policy --pol none;fail;2;policy match: neither --dir in nor --dir out specified
-m policy --dir in --pol foo;fail;2;policy match: invalid policy "foo"
-m policy --dir in --pol ipsec --strict;fail;2;policy match: empty policy element 0. --strict is in effect, but at least one of reqid, spi, tunnel-src, tunnel-dst, proto or mode is required.
-m policy --dir in --pol ipsec --next --reqid 5;fail;2;policy: option "--next" also requires "--strict".
%iptables
*filter;INPUT
-m policy --dir in --pol ipsec --reqid 5 --proto esp --mode tunnel --tunnel-src 1.2.3.0/24;ok
%ip6tables
*filter;INPUT
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src ::1;ok
%iptables,ip6tables
*filter;OUTPUT
-m policy --dir out --pol ipsec --strict --proto esp;ok
