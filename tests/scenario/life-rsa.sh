#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The same life with an RSA-2048 attestation key.
AK=rsa exec "$(dirname "$0")/life.sh"
