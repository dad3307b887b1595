# SPDX-License-Identifier: LGPL-2.1-or-later
# How hosts stand, and when they are asked again.
unit_test(pace SOURCES pace_test.c ON verifierd_parts)
unit_test(trust SOURCES trust_test.c trust_help.c ON verifierd_parts)
unit_test(reattest SOURCES reattest_test.c trust_help.c ON verifierd_parts)
foreach(part trust reattest)
  target_link_options(${part}_test PRIVATE
    -Wl,--wrap=host_is_connected -Wl,--wrap=host_round_begin)
endforeach()
