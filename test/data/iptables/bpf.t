# -m bpf
%iptables,ip6tables
*filter;INPUT
-m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0";ok
-m bpf --bytecode "4,48 0 0 9";fail;2;bpf: parsed program length is less than the encoded length parameter
-m bpf --bytecode "1,6 0 0 x";fail;2;bpf: error at instr 0
-m bpf --bytecode "0";fail;2;bpf: error parsing program length
-m bpf;fail;2;bpf: one of --bytecode or --pinned is required
