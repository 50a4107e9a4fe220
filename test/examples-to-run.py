#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Examples that the tests run: (command line, run it, run it under valgrind), as ns-3's test.py reads it."""

cpp_examples = []
python_examples = []
