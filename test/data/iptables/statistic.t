# -m statistic
%iptables,ip6tables
*filter;INPUT
-m statistic --mode random --probability 0.5;ok;-m statistic --mode random --probability 0.50000000000
-m statistic --mode random ! --probability 1;ok;-m statistic --mode random ! --probability 1.00000000000
-m statistic --mode random --probability 1.1;fail;2;statistic: bad value for option "--probability", or out of range (0-1).
-m statistic --mode random;fail;2;--probability must be specified when using random mode
-m statistic --mode nth --every 3 --packet 3;fail;2;the --packet p must be 0 <= p <= n-1
-m statistic --mode nth ! --every 3 --packet 2;ok
-m statistic --mode nth --every 3;fail;2;statistic: option "--every" also requires "--packet".
-m statistic --mode nth --packet 0;fail;2;statistic: option "--packet" also requires "--every".
-m statistic --mode nth;fail;2;--every and --packet must be specified when using nth mode
-m statistic --mode foo;fail;2;Bad mode "foo"
