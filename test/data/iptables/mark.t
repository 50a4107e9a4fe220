# -m mark
%iptables,ip6tables
*filter;INPUT,FORWARD,OUTPUT
-m mark --mark 1;ok;-m mark --mark 0x1
-m mark --mark 0xfeedcafe/0xfeedcafe;ok
-m mark ! --mark 0x10/0xf0;ok
-m mark --mark 010/0xff;ok;-m mark --mark 0x8/0xff
-m mark --mark 0x1/0xffffffff;ok;-m mark --mark 0x1
-m mark --mark 4294967295;ok;-m mark --mark 0xffffffff
-m mark --mark 1 -m mark --mark 2;ok;-m mark --mark 0x1 -m mark --mark 0x2
-m mark;fail;2;mark: option "--mark" must be specified
-m mark --mark 4294967296;fail;2;mark: bad integer value for option "--mark", or out of range.
-m mark --mark 1/4294967296;fail;2;mark: bad integer value for option "--mark", or out of range.
-m mark --mark 1/2/3;fail;2;mark: trailing garbage after value for option "--mark".
-m mark --mark 1x;fail;2;mark: trailing garbage after value for option "--mark".
-m mark --mark -1;fail;2;mark: bad integer value for option "--mark", or out of range.
-m mark --mark 1 --mark 2;fail;2;mark: option "--mark" can only be used once.
-m mark --mark;fail;2;option "--mark" requires an argument
-m mark --mark +1;ok;-m mark --mark 0x1
