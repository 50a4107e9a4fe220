# -m frag
%ip6tables
*filter;INPUT
-m frag --fragid 1:2 --fraglen 8 --fragres --fragfirst --fragmore;ok
-m frag ! --fragid 1: --fraglast;ok;-m frag ! --fragid 1:4294967295 --fraglast
-m frag --fraglast --fragmore;fail;2;frag: option "--fragmore" cannot be used together with "--fraglast".
