# -m eui64
%ip6tables
*filter;INPUT
-m eui64;ok
