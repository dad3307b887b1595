#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The same life with an RSA-2048 attestation key, of a TPM behind TCP.
AK=rsa TPM_OVER=tcp exec "$(dirname "$0")/life.sh"
