# -m u32
%iptables,ip6tables
*filter;INPUT
-m u32 --u32 "6&0xff=1";ok;-m u32 --u32 "0x6&0xff=0x1"
-m u32 ! --u32 "0>>22&0x3C@0>>24=0:5,7";ok;-m u32 ! --u32 "0x0>>0x16&0x3c@0x0>>0x18=0x0:0x5,0x7"
-m u32 --u32 "6&0xff=1&&4<<2=7:9";ok;-m u32 --u32 "0x6&0xff=0x1&&0x4<<0x2=0x7:0x9"
-m u32 --u32 "foo";fail;2;u32: at char 0: not a number or out of range
-m u32 --u32 "6&0xff";fail;2;u32: abrupt end of input after location specifier
-m u32 --u32 "6=1 7";fail;2;u32: at char 4: expected "," or "&&"
-m u32;fail;2;u32: option "--u32" must be specified
