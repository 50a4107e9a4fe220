# -*- Mode: python; coding: utf-8 -*-
# SPDX-License-Identifier: GPL-2.0-only
# For ns-3.35 and older, whose build tool is waf. Best effort: newer ns-3 uses CMakeLists.txt.


def configure(conf):
    have_fmt = conf.check_cxx(header_name='fmt/format.h', lib='fmt', uselib_store='FMT',
                              cxxflags=['-std=c++17'], mandatory=False)
    have_graph = conf.check_cxx(header_name='boost/graph/adjacency_list.hpp', mandatory=False)
    enabled = bool(have_fmt and have_graph)
    conf.env['ENABLE_NETFILTER'] = enabled
    conf.report_optional_feature('netfilter', 'Netfilter', enabled,
                                 'libfmt-dev or libboost-graph-dev not found')
    if not enabled:
        conf.env['MODULES_NOT_BUILT'].append('netfilter')


def build(bld):
    if 'netfilter' in bld.env['MODULES_NOT_BUILT']:
        return
    # The core is C++20 and knows nothing of ns-3; the rest follows ns-3's own standard.
    bld.objects(target='nf-core', source=bld.path.ant_glob('model/core/**/*.cc'),
                cxxflags=['-std=c++20', '-fPIC'], use='FMT')

    module = bld.create_ns3_module('netfilter', ['core', 'network', 'internet', 'traffic-control', 'bridge', 'stats'])
    module.source = [node.path_from(bld.path)
                     for node in bld.path.ant_glob(['model/sim/*.cc', 'helper/*.cc'])]
    module.use.extend(['nf-core', 'FMT'])

    headers = bld(features='ns3header')
    headers.module = 'netfilter'
    headers.source = [node.path_from(bld.path)
                      for node in bld.path.ant_glob(['model/core/**/*.h', 'model/sim/*.h', 'helper/*.h'])]

    tests = bld.create_ns3_module_test_library('netfilter')
    tests.source = [node.path_from(bld.path) for node in bld.path.ant_glob('test/sim/*.cc')]

    if bld.env.ENABLE_EXAMPLES:
        bld.recurse('examples')
