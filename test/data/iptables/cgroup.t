# -m cgroup
%iptables,ip6tables
*filter;INPUT
-m cgroup --cgroup 5;ok
-m cgroup ! --cgroup 5;ok
-m cgroup --path a/b;fail;1;Invalid argument. Run `dmesg' for more information.
-m cgroup;fail;1;Invalid argument. Run `dmesg' for more information.
