#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks that the documents speak of things that exist.

- doc/linux-names.rst: each of our names is in the file that its row names, and the kernel's names that
  readers look for have a row.
- all documents: files they name exist, and so do our classes and functions.

Prints one line per offence and exits 1 if there is any.
"""
import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LINUX_NAMES = TOP / "doc/linux-names.rst"

# What books and articles about netfilter call things.
WANTED = """
nf_register_net_hook nf_register_net_hooks nf_hook_slow NF_HOOK okfn skb_make_writable nf_ct_attach
nf_conntrack_in resolve_normal_ct nf_ct_get_tuple nf_ct_get_tuplepr nf_ct_invert_tuple nf_conntrack_alloc
nf_conntrack_free __nf_conntrack_confirm nf_conntrack_hash_check_insert nf_conntrack_tuple_taken
nf_ct_tmpl_alloc nf_ct_expect_alloc nf_ct_expect_init nf_ct_expect_put nf_ct_expect_related_report
nf_ct_l3proto_register nf_ct_l4proto_register nf_conntrack_helper_register nf_ct_helper_ext_add
nf_nat_ipv4_in nf_nat_ipv4_out nf_nat_ipv4_local_fn ip_conntrack_info ip_conntrack_dir nf_ct_ext_id
nf_inet_hooks NFPROTO_INET NFPROTO_IPV4 NFPROTO_ARP NFPROTO_NETDEV NFPROTO_BRIDGE NFPROTO_IPV6
""".split()

LITERAL = re.compile(r"``([^`]+)``")
WORD = re.compile(r"\w+")
OURS = re.compile(r"^(?:Nf|Xt|Netfilter|NF_|XT_)\w*(?:::\w+)*(?:\(\))?$")
PATH = re.compile(r"^(?:model|helper|examples|test|doc|build-support|hook|packet|conntrack|nat|helpers|netns|"
                  r"command|xtables|sim)/[\w./-]+\.\w+$")


def rows(text):
    """Yields the cells of each row of each list table."""
    for block in re.split(r"\n   \* - ", text)[1:]:
        block = re.split(r"\n\n(?=\S)", block)[0]
        yield [cell.strip() for cell in re.split(r"\n     -", "\n" + block)]


def has_word(text, word):
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def check_linux_names():
    text = LINUX_NAMES.read_text(encoding="utf-8")
    left = set()
    for cells in rows(text):
        if len(cells) < 3 or cells[0] == "Linux":
            continue
        left.update(w for literal in LITERAL.findall(cells[0]) for w in WORD.findall(literal))
        files = [TOP / "model/core" / name for name in LITERAL.findall(cells[2])]
        for file in files:
            if not file.is_file():
                yield f"{LINUX_NAMES.name}: no file {file.relative_to(TOP)}"
        source = "\n".join(f.read_text(encoding="utf-8") for f in files if f.is_file())
        for literal in LITERAL.findall(cells[1]):
            for word in WORD.findall(literal):
                if not has_word(source, word):
                    yield f"{LINUX_NAMES.name}: {word} is not in {LITERAL.findall(cells[2])}"
    for name in WANTED:
        if name not in left:
            yield f"{LINUX_NAMES.name}: no row for {name}"


def all_sources():
    files = [p for d in ("model", "helper", "examples", "test") for p in (TOP / d).rglob("*")
             if p.suffix in (".h", ".cc")]
    return "\n".join(p.read_text(encoding="utf-8") for p in files)


def check_names_and_paths(source):
    for document in sorted(set(TOP.glob("doc/*.rst")) - {LINUX_NAMES}) + [TOP / "README.md"]:
        text = document.read_text(encoding="utf-8")
        literals = LITERAL.findall(text) if document.suffix == ".rst" else re.findall(r"`([^`\n]+)`", text)
        for name in re.findall(r"literalinclude:: (\S+)", text):
            if not (document.parent / name).is_file():
                yield f"{document.name}: no file {name} to include"
        for literal in sorted(set(literals)):
            if "NAME" in literal:
                continue
            if PATH.match(literal) and not any((base / literal).exists()
                                               for base in (TOP, TOP / "model", TOP / "model/core")):
                yield f"{document.name}: no file {literal}"
            elif OURS.match(literal):
                for word in WORD.findall(literal):
                    if not has_word(source, word):
                        yield f"{document.name}: nothing is called {word} ({literal})"


def check_fidelity():
    """Every test that doc/fidelity.rst names is a scenario, or a suite of the tests' sources."""
    tests = "\n".join(p.read_text(encoding="utf-8") for d in ("core", "sim") for p in (TOP / "test" / d).glob("*.cc"))
    for cells in rows((TOP / "doc/fidelity.rst").read_text(encoding="utf-8")):
        if len(cells) < 4 or cells[0] == "Behaviour":
            continue
        if cells[1] not in ("same", "differs", "absent"):
            yield f"fidelity.rst: {cells[0]!r} is {cells[1]!r}: must be same, differs or absent"
        if cells[1] == "same" and not LITERAL.findall(cells[3]):
            yield f"fidelity.rst: no test for {cells[0]!r}"
        for name in LITERAL.findall(cells[3]):
            if not (TOP / f"test/data/scenarios/{name}.json").is_file() and not has_word(tests, name):
                yield f"fidelity.rst: there is no test {name}"


def main():
    offences = [*check_linux_names(), *check_fidelity(), *check_names_and_paths(all_sources())]
    for offence in offences:
        print(offence)
    print(f"check-doc: {len(offences)} offences")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
