#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Examples that the tests run: (command line, run it, run it under valgrind), as ns-3's test.py reads it."""

cpp_examples = [
    ("nf-first", "True", "True"),
    ("nf-home-gateway", "True", "False"),
    ("nf-home-gateway --hosts=1 --seconds=25 --seed=7 --pcap=home", "True", "False"),
    ("nf-table-full", "True", "False"),
    ("nf-table-full --help", "True", "False"),
    ("nf-conntrack-lifetimes", "True", "False"),
    ("nf-failover", "True", "False"),
    ("nf-failover --verbose --bytes=300000 --at=1.5", "True", "False"),
]
# What they must print, as regular expressions; only run-examples.py looks at it.
expected_output = {
    "nf-table-full": [
        r"quiet +100 % +100 % +100 % .* 0 +0  holds",
        r"syn-flood .* holds",
        r"syn-flood-synproxy .* 0 +0  holds",
        r"no-early-drop .* collapses",
        r"no-early-drop-synproxy .* 0 +0  holds",
        r"bots +100 % .* collapses",
        r"bots-timeouts .* holds",
        r"bots-connlimit .* holds",
    ],
    "nf-conntrack-lifetimes": [
        r"> SYN +NEW +SYN_SENT +120 s  UNREPLIED\n.*< SYN ACK +ESTABLISHED +SYN_RECV +60 s  replied\n"
        r".*> ACK +ESTABLISHED +ESTABLISHED +432000 s  ASSURED",
        r"LAST_ACK +30 s .*\n.*TIME_WAIT +120 s .*\n +729.5  silence",
        r"later than 2 s: a stream +ESTABLISHED +- +120 s  ASSURED",
        r"too late\n.*\n.*NEW .*\n +31.0 .* NEW +- +30 s  UNREPLIED",
        r"> SHUTDOWN +ESTABLISHED +SHUTDOWN_SENT +3 s",
    ],
    "nf-failover": [
        r"no replication .*% +dead .*% +dead",
        r"\nFTFW  .* 100 % .* s .* 100 % .* s +2 +0 +0",
        r"FTFW, lossy link .* 100 % .* s .* 100 % .* s +2 +[1-9]\d* +0",
        r"FTFW, link cut .*% +dead .*% +dead +0",
    ],
}
python_examples = []
