# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The warnings of this project, as an interface that our targets alone use.
add_library(strict INTERFACE)
target_compile_options(strict INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wcast-qual
  -Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
  -Wformat=2 -Wimplicit-fallthrough -Wnull-dereference
  $<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -Wduplicated-branches
    -Wjump-misses-init>
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
