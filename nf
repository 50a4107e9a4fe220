#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# One command for everything: ./nf help
set -eu
cd "$(dirname "$0")"

BUILD_PACKAGES="cmake ninja-build g++ python3 ns3 libns3-dev libgsl-dev libxml2-dev libsqlite3-dev
libfmt-dev libboost-graph-dev nlohmann-json3-dev libcli11-dev libgtest-dev libgmock-dev"
BENCH_PACKAGES="valgrind"
FORMAT_PACKAGES="clang-format-14"
CI_PACKAGES="clang-14 libclang-rt-14-dev clang-format-14 git"
SOURCE_FOLDERS="model helper examples test"

usage()
{
    cat <<TEXT
usage: ./nf COMMAND
  demo [ARGS]     set up, build, and run the main example (a home gateway); ARGS as in ./nf demo --help
  test [ARGS]     set up, build, and run every test; ARGS go to ctest, e.g. ./nf test -R core
  setup [WHAT]    install the Debian packages that are missing; WHAT: build (default), bench, format, ci
  build [TARGETS] set up and build
  shell [ARGS]    set up, build, and start nf-shell: iptables and friends on a bare namespace
  bench [ARGS]    set up, build, and print the table of costs
  format          reformat the sources with clang-format-14; format --check only looks
  clean           remove the build tree
TEXT
}

# packages_of WHAT: the Debian packages that WHAT needs
packages_of()
{
    case $1 in
        build) echo $BUILD_PACKAGES ;;
        bench) echo $BUILD_PACKAGES $BENCH_PACKAGES ;;
        format) echo $FORMAT_PACKAGES ;;
        ci) echo $BUILD_PACKAGES $CI_PACKAGES ;;
        *) echo "nf: setup knows build, bench, format and ci, not '$1'" >&2; exit 2 ;;
    esac
}

is_installed()
{
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_of()
{
    for package in $(packages_of "$1")
    do
        is_installed "$package" || printf '%s ' "$package"
    done
}

# setup WHAT: installs what is missing, or says in one sentence what to install
setup()
{
    packages_of "$1" >/dev/null
    # Elsewhere than on Debian, CMake says what it misses.
    command -v dpkg-query >/dev/null || return 0
    missing=$(missing_of "$1")
    [ -n "$missing" ] || return 0
    as_root=
    if [ "$(id -u)" != 0 ]
    then
        as_root=sudo
        # Without a terminal nobody can type a password.
        [ -t 0 ] || as_root="sudo -n"
        if ! command -v sudo >/dev/null || ! $as_root true 2>/dev/null
        then
            echo "nf: these packages are missing; as root: apt-get install $missing" >&2
            exit 1
        fi
    fi
    echo "Installing $missing"
    export DEBIAN_FRONTEND=noninteractive
    # A fresh machine has no package lists, an old one has stale ones: fetch them when they are needed.
    apt_install="$as_root apt-get install -y -qq --no-install-recommends $missing"
    if ! $apt_install >/dev/null 2>&1 </dev/null && ! { $as_root apt-get update -qq && $apt_install; } </dev/null
    then
        echo "nf: apt-get could not install everything; try: apt-get update && apt-get install $missing" >&2
        exit 1
    fi
}

configure()
{
    if [ ! -f build/build.ninja ]
    then
        mkdir -p build
        cmake --preset default >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
    fi
}

build()
{
    setup build
    configure
    cmake --build --preset default ${1:+--target "$@"}
}

sources()
{
    find $SOURCE_FOLDERS -name '*.cc' -o -name '*.h' | sort
}

cmd=${1:-help}
[ $# = 0 ] || shift
case $cmd in
    setup) setup "${1:-build}" ;;
    build) build "$@" ;;
    demo) build nf-home-gateway && exec build/bin/nf-home-gateway "$@" ;;
    shell) build nf-shell && exec build/bin/nf-shell "$@" ;;
    test) build && exec ctest --preset default "$@" ;;
    bench) setup bench && build && exec python3 test/bench/bench.py "$@" ;;
    format)
        setup format
        case ${1:-} in
            --check) sources | xargs clang-format-14 --dry-run -Werror ;;
            *) sources | xargs clang-format-14 -i ;;
        esac
        ;;
    clean) rm -rf build ;;
    help | -h | --help) usage ;;
    *) usage >&2; exit 2 ;;
esac
