#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -eu -o pipefail
git ls-files -z '*.c' '*.h' | xargs -0 clang-format-14 --dry-run -Werror
