#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -eu -o pipefail
# Its own reading of the macros of <sys/queue.h> fails; so it gets the file.
queue=$(echo '#include <sys/queue.h>' | ${CC:-cc} -M -x c - | grep -o '/[^ ]*/sys/queue\.h')
# stream.c: a flag on the stack that is told when its stream is freed; it is
# taken back before the function returns.  hosts_commit.c: it cannot read a compound
# literal in "? :" and gives the file up.
git ls-files '*.c' ':!tests' ':!bench' | cppcheck --quiet --file-list=- --std=c11 -D_GNU_SOURCE \
	--include="$queue" --enable=warning,performance,portability --inline-suppr \
	--suppress=autoVariables:common/net/stream.c --suppress=internalAstError:verifierd/hosts_commit.c \
	--suppress=missingInclude --suppress=missingIncludeSystem --error-exitcode=1 -j 2
