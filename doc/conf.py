# SPDX-License-Identifier: GPL-2.0-only
# sphinx-build doc build/doc
project = "ns3-netfilter"
extensions = []
highlight_language = "none"
html_theme = "alabaster"
