# -m iprange
%iptables
*filter;INPUT
-m iprange --src-range 10.0.0.1;ok;-m iprange --src-range 10.0.0.1-10.0.0.1
-m iprange ! --src-range 10.0.0.1-10.0.0.9 --dst-range 10.0.0.0-10.0.0.5;ok
-m iprange --src-range foo;fail;2;iprange: Bad value for "--src-range" option: "foo"
-m iprange --src-range 10.0.0.1-;fail;2;iprange: Bad value for "--src-range" option: ""
-m iprange;fail;2;iprange match: You must specify `--src-range' or `--dst-range'
%ip6tables
*filter;INPUT
-m iprange --src-range 2001:db8::1-2001:db8::5;ok
