# -m ipv6header
%ip6tables
*filter;INPUT
-m ipv6header --header hop,frag;ok;-m ipv6header --header hop-by-hop,ipv6-frag
-m ipv6header ! --header dst --soft;ok;-m ipv6header ! --header ipv6-opts --soft
-m ipv6header --header foo;fail;2;unknown header `foo' specified
-m ipv6header --header 0,44 --soft;ok;-m ipv6header --header hop-by-hop,ipv6-frag --soft
-m ipv6header;fail;2;ipv6header: option "--header" must be specified
