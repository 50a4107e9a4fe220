# -m conntrack
%iptables,ip6tables
*filter;INPUT
-m conntrack --ctstate foo;fail;2;Bad ctstate "foo"
-m conntrack --ctstate NEW,,ESTABLISHED;fail;2;Bad ctstate ",ESTABLISHED"
-m conntrack --ctstate n,e;ok;-m conntrack --ctstate NEW,ESTABLISHED
-m conntrack ! --ctstate INVALID,SNAT;ok
-m conntrack --ctstatus foo;fail;2;Bad ctstatus "foo"
-m conntrack ! --ctstatus ASSURED,CONFIRMED;ok
-m conntrack --ctdir foo;fail;2;conntrack: Bad value for "--ctdir" option: "foo"
-m conntrack --ctdir reply;ok;-m conntrack --ctdir REPLY
-m conntrack --ctproto udp --ctorigdstport 80:90 ! --ctreplsrcport 1 --ctexpire 1:2;ok;-m conntrack --ctproto 17 --ctorigdstport 80:90 ! --ctreplsrcport 1 --ctexpire 1:2
-m conntrack --ctexpire 7;ok
-m conntrack;fail;2;conntrack: At least one option is required
%iptables
*filter;INPUT
-m conntrack ! --ctorigsrc 10.0.0.0/24 --ctrepldst 10.0.0.1;ok
%ip6tables
*filter;INPUT
-m conntrack ! --ctorigsrc 2001:db8::/32;ok
