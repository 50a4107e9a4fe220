# -m rt
%ip6tables
*filter;INPUT
-m rt --rt-type 0 --rt-segsleft 1:2 --rt-len 5 --rt-0-res;ok
-m rt ! --rt-type 2 ! --rt-segsleft 5 ! --rt-len 9;ok
-m rt --rt-type 0 --rt-0-addrs ::1,::2;ok
-m rt --rt-type 0 --rt-0-addrs ::1,::2 --rt-0-not-strict;ok
-m rt --rt-0-res;fail;2;`--rt-type 0' required before `--rt-0-res'
-m rt;ok
