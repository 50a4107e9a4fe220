# -m sctp
%iptables,ip6tables
*filter;INPUT
-p sctp --sport 5:6 ! --dport http;fail;2;invalid port/service `http' specified
-p sctp --chunk-types all INIT,DATA:Be;ok;-p sctp -m sctp --chunk-types all DATA:Be,INIT
-p sctp --chunk-types any INIT;ok;-p sctp -m sctp --chunk-types any INIT
-p sctp ! --chunk-types only INIT:x;fail;2;Invalid flags for chunk type 1
-p sctp --chunk-types foo INIT;fail;2;Match type has to be one of "ALL", "ANY" or "ONLY"
-p sctp --chunk-types any FOO;fail;2;Unknown sctp chunk `FOO'
-p sctp --chunk-types any DATA:Z;fail;2;Invalid flags for chunk type 0
-p sctp --chunk-types any ALL;ok;-p sctp -m sctp --chunk-types any ALL
-p sctp --chunk-types any;fail;2;--chunk-types requires two args
-p sctp --chunk-types any NONE;ok;-p sctp -m sctp --chunk-types any NONE
