# -m owner
%iptables,ip6tables
*filter;OUTPUT
-m owner --uid-owner 5;ok
-m owner ! --uid-owner root --gid-owner 7-9;ok;-m owner ! --uid-owner 0 --gid-owner 7-9
-m owner --socket-exists;ok
-m owner --uid-owner nosuch;fail;2;owner: Bad value for "--uid-owner" option: "nosuch"
-m owner --uid-owner 5-3;fail;1;Invalid argument. Run `dmesg' for more information.
-m owner --uid-owner 5 --suppl-groups;fail;2;owner: Bad value for "--suppl-groups" option: "you need to use --gid-owner first"
-m owner --gid-owner root --suppl-groups;ok;-m owner --gid-owner 0 --suppl-groups
-m owner;fail;2;owner: At least one of --uid-owner, --gid-owner or --socket-exists is required
