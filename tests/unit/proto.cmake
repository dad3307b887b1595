# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(session SOURCES session_test.c ON proto evidence crypto_openssl)
unit_test(log_session SOURCES log_session_test.c ON proto evidence crypto_openssl)
unit_test(codec_golden SOURCES codec_golden_test.c ON proto evidence crypto_openssl)
unit_test(evidence SOURCES evidence_test.c ON evidence crypto_openssl)
unit_test(golden_unknown SOURCES golden_unknown_test.c ON proto evidence crypto_openssl)
unit_test(endorsement SOURCES endorsement_test.c ON evidence crypto_openssl)
unit_test(refusal SOURCES refusal_test.c ON evidence crypto_openssl)
unit_test(vectors SOURCES vectors_test.c ON evidence crypto_openssl)
