#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -eu -o pipefail
git ls-files -z ':!LICENSE' ':!tests/fixtures' ':!tests/fuzz/corpus' ':!proto/vectors' |
	xargs -0 codespell --ignore-words-list=te,fo,ans,passt,nd
