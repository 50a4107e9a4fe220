# -m limit
%iptables,ip6tables
*filter;INPUT
-m limit;ok;-m limit --limit 3/hour
-m limit --limit 5;ok;-m limit --limit 5/sec
-m limit --limit 7/minute --limit-burst 9;ok;-m limit --limit 7/min --limit-burst 9
-m limit --limit 120/min;ok;-m limit --limit 2/sec
-m limit --limit 100000/s;fail;2;Rate too fast "100000/s"
-m limit --limit foo;fail;2;bad rate "foo"'
-m limit --limit 1/;fail;2;bad rate "1/"'
-m limit ! --limit 5;fail;2;limit: option "--limit" cannot be inverted.
-m limit --limit-burst 0;fail;1;Numerical result out of range.
-m limit --limit-burst 10001;fail;2;limit: bad value for option "--limit-burst", or out of range (0-10000).
