# -j CONNMARK
%iptables
*mangle;FORWARD
-j CONNMARK;fail;2;CONNMARK target: No operation specified
-j CONNMARK --set-mark 1;ok;-j CONNMARK --set-xmark 0x1/0xffffffff
-j CONNMARK --set-mark 1/2;ok;-j CONNMARK --set-xmark 0x1/0x3
-j CONNMARK --set-xmark 1/3;ok;-j CONNMARK --set-xmark 0x1/0x3
-j CONNMARK --and-mark 7;ok;-j CONNMARK --set-xmark 0x0/0xfffffff8
-j CONNMARK --or-mark 7;ok;-j CONNMARK --set-xmark 0x7/0x7
-j CONNMARK --xor-mark 7;ok;-j CONNMARK --set-xmark 0x7/0x0
-j CONNMARK --save-mark;ok;-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff
-j CONNMARK --save-mark --mask 7;ok;-j CONNMARK --save-mark --nfmask 0x7 --ctmask 0x7
-j CONNMARK --save-mark --mask 7 --nfmask 1;fail;2;CONNMARK: option "--nfmask" cannot be used together with "--mask".
-j CONNMARK --restore-mark --nfmask 7 --ctmask 3;ok;-j CONNMARK --restore-mark --nfmask 0x7 --ctmask 0x3
-j CONNMARK --restore-mark --mask 7;ok;-j CONNMARK --restore-mark --nfmask 0x7 --ctmask 0x7
-j CONNMARK --set-mark 1 --mask 7;ok;-j CONNMARK --set-xmark 0x1/0x7
-j CONNMARK --mask 7;fail;2;CONNMARK target: No operation specified
-j CONNMARK --set-mark 1 --left-shift-mark 3;ok;-j CONNMARK --set-xmark 0x1/0xffffffff --left-shift-mark 3
-j CONNMARK --save-mark --right-shift-mark 3;ok;-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --right-shift-mark 3
-j CONNMARK --save-mark --right-shift-mark 33;fail;2;CONNMARK: bad value for option "--right-shift-mark", or out of range (0-32).
-j CONNMARK --left-shift-mark 3;fail;2;CONNMARK target: No operation specified
-j CONNMARK --save-mark --restore-mark;fail;2;CONNMARK: option "--save-mark" cannot be used together with "--restore-mark".
-j CONNMARK --save-mark --left-shift-mark 3 --right-shift-mark 3;ok;-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --right-shift-mark 3
