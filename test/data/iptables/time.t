# -m time
%iptables,ip6tables
*filter;INPUT
-m time --timestart 01:02 --timestop 03:04:05;ok;-m time --timestart 01:02:00 --timestop 03:04:05 --datestop 2038-01-19T03:14:07
-m time --timestart 25:02;fail;2;invalid time "25:02" specified, should be hh:mm[:ss] format and within the boundaries
-m time --datestart 2020-01-02 --datestop 2021-01-01T01:02;ok;-m time --datestart 2020-01-02T00:00:00 --datestop 2021-01-01T01:02:00
-m time --datestart 2020;ok;-m time --datestart 2020-01-01T00:00:00 --datestop 2038-01-19T03:14:07
-m time --datestart foo;fail;2;Invalid date "foo" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]
-m time --weekdays Mon,Tu,7;ok;-m time --weekdays Mon,Tue,Sun --datestop 2038-01-19T03:14:07
-m time ! --weekdays Mon;ok;-m time --weekdays Tue,Wed,Thu,Fri,Sat,Sun --datestop 2038-01-19T03:14:07
-m time --weekdays foo;fail;2;foo is not a valid day specifier
-m time --monthdays 1,2,31;ok;-m time --monthdays 1,2,31 --datestop 2038-01-19T03:14:07
-m time ! --monthdays 5;ok;-m time --monthdays 1,2,3,4,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 --datestop 2038-01-19T03:14:07
-m time --monthdays 32;fail;2;32 is not a valid day for --monthdays
-m time --kerneltz --timestart 22:00 --timestop 05:00 --contiguous;ok;-m time --timestart 22:00:00 --timestop 05:00:00 --datestop 2038-01-19T03:14:07 --kerneltz --contiguous
-m time --timestart 05:00 --timestop 22:00 --contiguous;fail;2;time: --contiguous only makes sense when stoptime is smaller than starttime
-m time --utc --timestart 1:00;ok;-m time --timestart 01:00:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07
-m time --localtz;ok;-m time --datestop 2038-01-19T03:14:07 --kerneltz
-m time;ok;-m time --datestop 2038-01-19T03:14:07
-m time --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun;ok;-m time --datestop 2038-01-19T03:14:07
