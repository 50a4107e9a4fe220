# -m dccp
%iptables,ip6tables
*filter;INPUT
-p dccp ! --sport 5: --dport 7;ok;-p dccp -m dccp ! --sport 5:65535 --dport 7
-p dccp --dccp-types REQUEST,INVALID;ok;-p dccp -m dccp --dccp-types REQUEST,INVALID
-p dccp ! --dccp-types REQUEST;ok;-p dccp -m dccp ! --dccp-types REQUEST
-p dccp --dccp-types foo;fail;2;Unknown DCCP type `foo'
-p dccp --dccp-option 7;ok;-p dccp -m dccp --dccp-option 7
-p dccp --dccp-option 0;fail;2;dccp: bad value for option "--dccp-option", or out of range (1-255).
