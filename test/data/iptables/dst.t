# -m dst
%ip6tables
*filter;INPUT
-m dst --dst-len 5 --dst-opts 1,2:3;ok
-m dst ! --dst-len 5;ok
-m dst --dst-opts foo;fail;2;dst: no valid digits in opt `foo'
-m dst --dst-opts 1:foo;fail;2;dst: no valid digits in length `foo'
-m dst;ok
