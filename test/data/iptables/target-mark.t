# -j MARK
%iptables,ip6tables
*mangle;PREROUTING,FORWARD,OUTPUT
-j MARK --set-mark 1;ok;-j MARK --set-xmark 0x1/0xffffffff
-j MARK --set-mark 0x10/0xf0;ok;-j MARK --set-xmark 0x10/0xf0
-j MARK --set-mark 0x1/0xf0;ok;-j MARK --set-xmark 0x1/0xf1
-j MARK --set-xmark 0xfeedcafe/0xfeedcafe;ok
-j MARK --and-mark 5;ok;-j MARK --set-xmark 0x0/0xfffffffa
-j MARK --or-mark 5;ok;-j MARK --set-xmark 0x5/0x5
-j MARK --xor-mark 5;ok;-j MARK --set-xmark 0x5/0x0
-j MARK --set-xmark 0;ok;-j MARK --set-xmark 0x0/0xffffffff
-j MARK;fail;2;MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required
-j MARK --set-mark 1 --or-mark 2;fail;2;MARK: option "--set-mark" cannot be used together with "--or-mark".
-j MARK ! --set-mark 1;fail;2;MARK: option "--set-mark" cannot be inverted.
-j MARK --or-mark 4294967296;fail;2;MARK: bad value for option "--or-mark", or out of range (0-4294967295).
