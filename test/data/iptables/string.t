# -m string
%iptables,ip6tables
*filter;INPUT
-m string --algo bm --string "a b";ok;-m string --string "a b" --algo bm
-m string --algo kmp ! --string foo --from 5 --to 9 --icase;ok;-m string ! --string "foo" --algo kmp --from 5 --to 9 --icase
-m string --algo bm --hex-string "|0a|b|0d 0a|";ok;-m string --hex-string "|0a620d0a|" --algo bm
-m string --algo bm --hex-string "|0";fail;2;Odd number of hex digits
-m string --algo bm --hex-string "foo";ok;-m string --string "foo" --algo bm
-m string --algo bm --hex-string "|zz|";fail;2;Invalid hex char 'z'
-m string --algo foo --string a;fail;1;No chain/target/match by that name.
-m string --string a;fail;2;string: option "--algo" must be specified
-m string --algo bm;fail;2;STRING match: You must specify `--string' or `--hex-string'
-m string --algo bm --string a --hex-string "|0a|";fail;2;string: option "--string" cannot be used together with "--hex-string".
-m string --algo bm --string "a|b";ok;-m string --string "a|b" --algo bm
