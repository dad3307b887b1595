# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(health_judge SOURCES health_judge_test.c ON healthjudge)
unit_test(tpm_health SOURCES tpm_health_test.c test_swtpm.c ON source
  crypto_openssl)
