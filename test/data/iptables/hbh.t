# -m hbh
%ip6tables
*filter;INPUT
-m hbh --hbh-len 5 --hbh-opts 1,2:3;ok
-m hbh ! --hbh-len 5;ok
-m hbh;ok
