# -m cluster
%iptables,ip6tables
*mangle;PREROUTING
-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 5;ok;-m cluster --cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0x00000005
-m cluster --cluster-total-nodes 2 ! --cluster-local-nodemask 1 --cluster-hash-seed 5;ok;-m cluster ! --cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0x00000005
-m cluster --cluster-total-nodes 33 --cluster-local-node 1 --cluster-hash-seed 5;fail;2;cluster: bad value for option "--cluster-total-nodes", or out of range (1-32).
-m cluster --cluster-total-nodes 2 --cluster-local-node 3 --cluster-hash-seed 5;fail;2;cluster match: `--cluster-local-node' must be <= `--cluster-total-nodes'
-m cluster --cluster-total-nodes 2;fail;2;cluster match: `--cluster-local-node' or`--cluster-local-nodemask' is missing
