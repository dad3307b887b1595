#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# floors.sh ARCHIVE...: a pure floor calls nothing but memory, text, the other
# pure floors and, in proto, json-c: no clock, file, socket, log, environment.
# It holds no variable: whoever calls it twice gets the same answer twice.
set -eu -o pipefail
allowed='^(memcmp|memcpy|memmove|memset|memchr|strlen|strcmp|strncmp|strchr|strrchr|strstr|strspn|strcspn|strpbrk|strsep
|snprintf|vsnprintf|qsort|bsearch|calloc|malloc|realloc|free|abort|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_
|__(mem|str|sn|vsn)[a-z]*_chk|__asan_.*|__ubsan_.*|__tsan_.*|__sanitizer_.*|__sancov_.*|__gcov_.*|__start_.*|__stop_.*|__llvm_.*)$'
allowed=$(tr -d '\n' <<<"$allowed")
defined=$(nm --defined-only "$@" 2>/dev/null | awk 'NF == 3 {print $3}' | sort -u)
bad=0
for archive in "$@"; do
	for symbol in $(nm -u "$archive" 2>/dev/null | awk '$1 == "U" {print $2}' | sort -u); do
		[[ ! $symbol =~ $allowed ]] || continue
		! grep -qx -- "$symbol" <<<"$defined" || continue
		# The port: implemented by whoever is linked.
		! grep -qw -- "$symbol" common/crypto/crypto.h || continue
		[[ $archive != */libproto.a || $symbol != json_* ]] || continue
		echo "${archive##*/}: a pure floor calls $symbol"
		bad=1
	done
	# What a table of pointers needs (.data.rel.ro) is read-only once loaded.
	variables=$(objdump -t "$archive" 2>/dev/null |
		awk 'NF >= 5 && $(NF - 2) ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ &&
			$(NF - 2) !~ /rel\.ro/ && $(NF - 1) !~ /^0+$/ {print $NF}')
	[ -z "$variables" ] || { echo "${archive##*/}: a pure floor holds variables:" $variables && bad=1; }
done
exit $bad
