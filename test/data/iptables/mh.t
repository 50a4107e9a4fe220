# -m mh
%ip6tables
*filter;INPUT
-p mh --mh-type 1;ok;-p mobility-header -m mh --mh-type 1
-p mh ! --mh-type 1:3;ok;-p mobility-header -m mh ! --mh-type 1:3
-p mh --mh-type cn;fail;2;Invalid MH type `cn'
-p mh --mh-type foo;fail;2;Invalid MH type `foo'
-p mh --mh-type binding-refresh-request;ok;-p mobility-header -m mh --mh-type 0
-p mh;ok;-p mobility-header
