# -j HL
%ip6tables
*mangle;FORWARD
-j HL --hl-set 5;ok
-j HL --hl-inc 5;ok
-j HL --hl-dec 5;ok
-j HL --hl-dec 0;fail;2;HL: bad value for option "--hl-dec", or out of range (1-255).
-j HL;fail;2;HL: You must specify an action
