#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
set -eu -o pipefail
git ls-files -z '*.sh' dev .ci/run bench/run bench/migration certs/virt-attest-pki contrib/libvirt-pmc/build \
	packaging/debs packaging/rpms 'packaging/debian/*.in' 'hooks/callers/*' docs/examples/check/freeze | xargs -0 shellcheck -x -S warning
