#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# run.sh TARGET SEEDS: fuzz for a while; new inputs stay out of the tree.
set -eu -o pipefail
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
cd "$new"
mkdir corpus
# A machine under load may take long to give memory back: that is no finding.
export ASAN_OPTIONS=${ASAN_OPTIONS-}:allocator_release_to_os_interval_ms=-1
"$1" -max_total_time="${FUZZ_SECONDS:-5}" -rss_limit_mb=2048 -timeout=25 -max_len=65536 -print_final_stats=1 corpus "$2" 2>&1 | tail -n 30
