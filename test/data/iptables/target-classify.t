# -j CLASSIFY
%iptables
*mangle;FORWARD
-j CLASSIFY --set-class 1:2;ok;-j CLASSIFY --set-class 0001:0002
-j CLASSIFY --set-class ffff:12345;ok;-j CLASSIFY --set-class ffff:2345
-j CLASSIFY --set-class 12;fail;2;Bad class value "12"
-j CLASSIFY;fail;2;CLASSIFY: option "--set-class" must be specified
