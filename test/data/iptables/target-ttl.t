# -j TTL
%iptables
*mangle;FORWARD
-j TTL --ttl-set 5;ok
-j TTL --ttl-dec 5;ok
-j TTL --ttl-inc 5;ok
-j TTL --ttl-inc 0;fail;2;TTL: bad value for option "--ttl-inc", or out of range (1-255).
-j TTL --ttl-dec 0;fail;2;TTL: bad value for option "--ttl-dec", or out of range (1-255).
-j TTL --ttl-set 256;fail;2;TTL: bad value for option "--ttl-set", or out of range (0-255).
-j TTL;fail;2;TTL: You must specify an action
-j TTL --ttl-inc 1 --ttl-dec 1;fail;2;TTL: option "--ttl-dec" cannot be used together with "--ttl-inc".
%iptables
*filter;INPUT
-j TTL --ttl-set 5;fail;1;Invalid argument. Run `dmesg' for more information.
