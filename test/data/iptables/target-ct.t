# -j CT
%iptables
*raw;PREROUTING
-j CT --notrack;ok
-j CT;ok
-j CT --zone 5;ok
-j CT --zone mark;ok
-j CT --zone 65536;fail;2;Cannot parse 65536 as a zone ID
-j CT --zone-orig 5;ok
-j CT --zone-reply mark;ok
-j CT --zone-orig 5 --zone-reply 6;ok;-j CT --zone 6
-j CT --zone 5 --zone-reply 6;ok;-j CT --zone-reply 6
-j CT --zone foo;fail;2;Cannot parse foo as a zone ID
-j CT --ctevents new,foo;fail;2;Unknown event type "foo"
-j CT --ctevents new,related,destroy,reply,assured,protoinfo,helper,mark,natseqinfo,secmark;ok
-j CT --expevents new;ok
-j CT --expevents destroy;fail;2;Unknown event type "destroy"
-j CT --ctevents new --zone 6;ok
-j CT --helper ftp;fail;1;No chain/target/match by that name.
-p tcp -j CT --helper ftp --zone 7 --ctevents new;ok;-p tcp -j CT --helper ftp --ctevents new --zone 7
-p tcp -j CT --helper nosuch;fail;1;No chain/target/match by that name.
-p tcp -j CT --helper 1234567890123456789;fail;1;No chain/target/match by that name.
-p tcp -j CT --timeout nosuch;fail;1;No chain/target/match by that name.
-p tcp -j CT --notrack --helper ftp;ok
-p tcp -j CT --notrack --zone 5;ok
%iptables
*filter;INPUT
-j CT --notrack;fail;1;Invalid argument. Run `dmesg' for more information.
