# SPDX-License-Identifier: LGPL-2.1-or-later
# The worker over a TPM that the test plays.
set(agentd ${PROJECT_SOURCE_DIR}/agentd)
unit_test(worker SOURCES worker_test.c ${agentd}/errands.c ${agentd}/worker.c
  ${agentd}/worker_batch.c ${agentd}/worker_tpm.c
  ON net metrics evidence crypto_openssl LIBS Threads::Threads)
target_include_directories(worker_test PRIVATE
  ${agentd} ${CMAKE_BINARY_DIR}/floors/source)
unit_test(errands SOURCES errands_test.c ${agentd}/errands.c
  ON net base LIBS Threads::Threads)
unit_test(logs SOURCES logs_test.c ${agentd}/errands.c ${agentd}/logs.c
  ON net source evidence base LIBS Threads::Threads)
foreach(part errands logs)
  target_include_directories(${part}_test PRIVATE ${agentd})
endforeach()
# A real software TPM; what tpm2-tss answers is changed on the way.
unit_test(tpm SOURCES tpm_test.c test_swtpm.c ON source evidence crypto_openssl
  LIBS PkgConfig::tss2)
target_link_options(tpm_test PRIVATE -Wl,--wrap=Esys_Quote)
unit_test(credential SOURCES credential_test.c test_swtpm.c
  ON source evidence crypto_openssl LIBS PkgConfig::tss2)
