#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Examples that the tests run: (command line, run it, run it under valgrind), as ns-3's test.py reads it."""

cpp_examples = [
    ("nf-first", "True", "True"),
    ("nf-home-gateway", "True", "False"),
    ("nf-home-gateway --hosts=1 --seconds=25 --seed=7 --pcap=home", "True", "False"),
]
python_examples = []
