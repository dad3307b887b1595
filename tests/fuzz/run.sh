#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# run.sh TARGET SEEDS: fuzz for a while; new inputs stay out of the tree.
set -eu -o pipefail
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
cd "$new"
mkdir corpus
"$1" -max_total_time="${FUZZ_SECONDS:-5}" -rss_limit_mb=2048 -timeout=5 -max_len=65536 -print_final_stats=1 corpus "$2" 2>&1 | tail -n 30
