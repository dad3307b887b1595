/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where our daemons have things when their files do not say: for themselves,
 * and for who looks at what they use (doctor, the gates). */
#ifndef SYS_DEFAULTS_H
#define SYS_DEFAULTS_H

#include "sys/control.h"

#define DEFAULT_TLS_CA       "/etc/pki/CA/cacert.pem"
#define DEFAULT_MIGRATION_CA "/etc/pki/qemu/migration-ca.pem"

#define AGENTD_LISTEN   "[::]:16515"
#define AGENTD_TLS_CERT "/etc/pki/libvirt/servercert.pem"
#define AGENTD_TLS_KEY  "/etc/pki/libvirt/private/serverkey.pem"
#define AGENTD_TCTI     "device:/dev/tpmrm0"
#define AGENTD_BOOT_LOG "/sys/kernel/security/tpm0/binary_bios_measurements"
#define AGENTD_IMA_LOG  "/sys/kernel/security/ima/binary_runtime_measurements"

#define VERIFIERD_TLS_CERT  "/etc/pki/libvirt/clientcert.pem"
#define VERIFIERD_TLS_KEY   "/etc/pki/libvirt/private/clientkey.pem"
#define VERIFIERD_PASS_KEYS "/etc/virt-attest/verifiers.d"
#define VERIFIERD_STORE     "sqlite:/var/lib/virt-attest/verifierd.db"

#endif
