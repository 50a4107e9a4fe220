# -m srh
%ip6tables
*filter;INPUT
-m srh;ok
-m srh --srh-next-hdr 6 ! --srh-hdr-len-eq 5 --srh-hdr-len-gt 5 --srh-segs-left-lt 3 --srh-tag 5 --srh-last-entry-eq 4;ok;-m srh --srh-next-hdr 6 ! --srh-hdr-len-eq 5 --srh-hdr-len-gt 5 --srh-segs-left-lt 3 --srh-last-entry-eq 4 --srh-tag 5
-m srh --srh-psid 2001:db8::/64 ! --srh-nsid ::1 --srh-lsid ::2/128;ok;-m srh --srh-psid 2001:db8::/64 ! --srh-nsid ::1/128 --srh-lsid ::2/128
