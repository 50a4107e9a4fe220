# -m connlabel
%iptables,ip6tables
*filter;INPUT
-m connlabel --label 5;ok;-m connlabel --label "5"
-m connlabel ! --label 5 --set;ok;-m connlabel ! --label "5" --set
-m connlabel --label 128;fail;1;Numerical result out of range.
-m connlabel --label foo;fail;2;label 'foo' not found or invalid value
-m connlabel;fail;2;connlabel: option "--label" must be specified
