/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of a guest's firmware, ROMs, TPM and sealed memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checks_told.h"

#define NOTHING .domain = {.name = "web"}

/* A guest with an emulated TPM, and hosts with swtpm. */
#define TPM .domain = {.tpm_backend = "emulator"}
#define TPM_SECRET                                                             \
	.domain = {.tpm_backend = "emulator", .tpm_secret_uuid = "s1"}
#define BACKENDS(...)                                                          \
	.tpm_supported = true, .n_tpm_backends = 1,                            \
	.tpm_backends = (const char *[])                                       \
	{                                                                      \
		__VA_ARGS__                                                    \
	}
#define EMULATES .destination = {BACKENDS("emulator")}
#define EMULATES_WITH(...)                                                     \
	.destination = {BACKENDS("emulator"), .n_secrets = 1,                  \
	                .secrets = &(struct lookup_facts){__VA_ARGS__}}
#define SWTPM(here, there)                                                     \
	.source_local.swtpm = (here), .destination_local.swtpm = (there)

/* Where the states of TPMs are. */
#define STATES_ON(filesystem_)                                                 \
	.n_paths = 1, .paths = &(struct local_path)                            \
	{                                                                      \
		.path = "/var/lib/libvirt/swtpm", .exists = true,              \
		.filesystem = (filesystem_)                                    \
	}

#define LENGTH(...) LENGTH_OF(((struct local_path[]){__VA_ARGS__}))
#define SOURCE_HAS(...)                                                        \
	.source_local = {.n_paths = LENGTH(__VA_ARGS__),                       \
	                 .paths = (struct local_path[]){__VA_ARGS__}}
#define DESTINATION_HAS(...)                                                   \
	.destination_local = {.n_paths = LENGTH(__VA_ARGS__),                  \
	                      .paths = (struct local_path[]){__VA_ARGS__}}
#define FILE_AT(path_, size_, sha256_)                                         \
	{                                                                      \
		.path = (path_), .exists = true, .size = (size_),              \
		.sha256 = (sha256_)                                            \
	}
#define NONE_AT(path_)                                                         \
	{                                                                      \
		.path = (path_)                                                \
	}

#define CODE  "/usr/share/OVMF/CODE.fd"
#define VARS  "/usr/share/OVMF/VARS.fd"
#define NVRAM "/var/lib/libvirt/qemu/nvram/web.fd"
#define UEFI  .domain = {.firmware = "efi", .loader = CODE}
#define UEFI_VARS                                                              \
	.domain = {.firmware = "efi",                                          \
	           .loader = CODE,                                             \
	           .nvram = NVRAM,                                             \
	           .nvram_template = VARS}
#define LISTS_CODE                                                             \
	.destination = {.n_loaders = 1, .loaders = (const char *[]){CODE}}
#define AUTO_UEFI .domain = {.firmware = "efi"}
#define SAME_CODE FILE_AT(CODE, 4096, "aa")

#define ROM_A  "/usr/share/qemu/efi-virtio.rom"
#define ROM_B  "/usr/lib/ipxe/qemu/efi-virtio.rom"
#define BIOS_A "/usr/share/qemu/vgabios-cirrus.bin"
#define BIOS_B "/usr/share/seabios/vgabios-cirrus.bin"
#define VIRTIO_NIC                                                             \
	.domain = {.n_nics = 1, .nics = &(struct nic_facts){.model = "virtio"}}
#define CIRRUS .domain = {.n_videos = 1, .videos = (const char *[]){"cirrus"}}

static const struct told told[] = {
    /* vtpm */
    {"vtpm", OUTCOME_PASS, "no TPM", .facts = {NOTHING}},
    {"vtpm", OUTCOME_PASS, "what the guest's TPM needs", "0.8.0", "0.8.0",
     .facts = {TPM, EMULATES, SWTPM("0.8.0", "0.8.0")}},
    {"vtpm", OUTCOME_PASS, "what the guest's TPM needs",
     .facts = {TPM, EMULATES, SWTPM("0.9.0", "0.10.1-rc2")}},
    {"vtpm", OUTCOME_PASS, "what the guest's TPM needs",
     .facts = {TPM_SECRET, EMULATES_WITH(.name = "s1", .found = true),
               SWTPM("0.8.2", "0.8.2")}},
    {"vtpm", OUTCOME_WARN, "needs swtpm 0.8", "0.7.1", "0.7.1",
     "each host's own", .facts = {TPM, EMULATES, SWTPM("0.7.1", "0.7.1")}},
    {"vtpm", OUTCOME_WARN, "needs swtpm 0.8",
     .facts = {TPM, EMULATES, SWTPM("0.7.999", "1.0.0")}},
    {"vtpm", OUTCOME_PASS, "what the guest's TPM needs", "0.7.1", "0.7.1",
     .facts = {TPM, EMULATES,
               .source_local = {.swtpm = "0.7.1", STATES_ON("ext4")},
               .destination_local.swtpm = "0.7.1"}},
    {"vtpm", OUTCOME_WARN, "both hosts share",
     .facts = {TPM, EMULATES,
               .source_local = {.swtpm = "0.7.1", STATES_ON("nfs4")},
               .destination_local.swtpm = "0.7.1"}},
    {"vtpm", OUTCOME_WARN, "both hosts share",
     .facts = {TPM, EMULATES,
               .source_local = {.swtpm = "0.7.1", STATES_ON("newfs")},
               .destination_local.swtpm = "0.7.1"}},
    {"vtpm", OUTCOME_WARN, "older on the destination", "0.10.0", "0.9.9",
     "update swtpm", .facts = {TPM, EMULATES, SWTPM("0.10.0", "0.9.9")}},
    {"vtpm", OUTCOME_WARN, "source's is not known",
     .facts = {TPM, EMULATES, SWTPM(NULL, "0.9.9")}},
    {"vtpm", OUTCOME_WARN, "source's is not known",
     .facts = {TPM, EMULATES, .source_local.missing = "no agent",
               .destination_local.swtpm = "0.9.9"}},
    {"vtpm", OUTCOME_BLOCK, "no swtpm", "0.8.0", "none", "install swtpm",
     .facts = {TPM, EMULATES, SWTPM("0.8.0", NULL)}},
    {"vtpm", OUTCOME_BLOCK, "no emulated TPM", "emulator", "none", "swtpm",
     .facts = {TPM, .destination = {BACKENDS("passthrough")},
               SWTPM("0.8.0", "0.8.0")}},
    {"vtpm", OUTCOME_BLOCK, "no emulated TPM",
     .facts = {TPM, SWTPM("0.8.0", "0.8.0")}},
    {"vtpm", OUTCOME_BLOCK, "has not its secret s1", "s1", "none",
     "secret-define",
     .facts = {TPM_SECRET, EMULATES_WITH(.name = "s1"),
               SWTPM("0.8.0", "0.8.0")}},
    {"vtpm", OUTCOME_BLOCK, "TPM is 'passthrough'", "passthrough",
     .facts = {.domain.tpm_backend = "passthrough"}},
    {"vtpm", OUTCOME_BLOCK, "TPM is 'external'",
     .facts = {.domain.tpm_backend = "external"}},
    {"vtpm", OUTCOME_WARN, "offline migration leaves the state", NULL, NULL,
     "copy it", .facts = {TPM, .plan.offline = true}},
    {"vtpm", OUTCOME_NOT_RUN, "the destination was not asked about secret 's1'",
     .facts = {TPM_SECRET, EMULATES, SWTPM("0.8.0", "0.8.0")}},
    {"vtpm", OUTCOME_NOT_RUN, "is not known: no QEMU",
     .facts = {TPM, .destination.domcaps_why = "no QEMU"}},
    {"vtpm", OUTCOME_NOT_RUN, "refused",
     .facts = {TPM, .destination.missing = "refused"}},
    {"vtpm", OUTCOME_NOT_RUN, "no agent",
     .facts = {TPM, EMULATES, .destination_local.missing = "no agent"}},
    {"vtpm", OUTCOME_NOT_RUN, "version '0.8'",
     .facts = {TPM, EMULATES, SWTPM("0.8.0", "0.8")}},
    {"vtpm", OUTCOME_NOT_RUN, "version 'v0.8.0'",
     .facts = {TPM, EMULATES, SWTPM("0.8.0", "v0.8.0")}},
    {"vtpm", OUTCOME_NOT_RUN, "version '0.8000.0'",
     .facts = {TPM, EMULATES, SWTPM("0.8.0", "0.8000.0")}},
    {"vtpm", OUTCOME_NOT_RUN, "version ''",
     .facts = {TPM, EMULATES, SWTPM("0.8.0", "")}},

    /* launch-security */
    {"launch-security", OUTCOME_PASS, "not sealed", .facts = {NOTHING}},
    {"launch-security", OUTCOME_BLOCK, "by 'sev-snp'", "sev-snp", NULL,
     "shut it down", .facts = {.domain.launch_security = "sev-snp"}},
    {"launch-security", OUTCOME_PASS, "only the definition",
     .facts = {.domain.launch_security = "tdx", .plan.offline = true}},
    {"launch-security", OUTCOME_NOT_RUN, "no domain",
     .facts = {.domain.missing = "no domain"}},

    /* firmware */
    {"firmware", OUTCOME_PASS, "QEMU's own firmware", .facts = {NOTHING}},
    {"firmware", OUTCOME_PASS, "is the same at both ends", "aa", "aa",
     .facts = {UEFI, LISTS_CODE, SOURCE_HAS(SAME_CODE),
               DESTINATION_HAS(SAME_CODE)}},
    {"firmware", OUTCOME_BLOCK, "no firmware '" CODE "'", CODE, "none",
     "firmware package",
     .facts = {UEFI, LISTS_CODE, SOURCE_HAS(SAME_CODE),
               DESTINATION_HAS(NONE_AT(CODE))}},
    {"firmware", OUTCOME_BLOCK, "not of the same size", "4096 bytes",
     "8192 bytes", "same firmware package",
     .facts = {UEFI, LISTS_CODE, SOURCE_HAS(SAME_CODE),
               DESTINATION_HAS(FILE_AT(CODE, 8192, "aa"))}},
    {"firmware", OUTCOME_WARN, "when it restarts", "aa", "bb",
     .facts = {UEFI, LISTS_CODE, SOURCE_HAS(SAME_CODE),
               DESTINATION_HAS(FILE_AT(CODE, 4096, "bb"))}},
    {"firmware", OUTCOME_WARN, "its content was not compared",
     .facts = {UEFI, LISTS_CODE, SOURCE_HAS(SAME_CODE),
               DESTINATION_HAS(FILE_AT(CODE, 4096, NULL))}},
    {"firmware", OUTCOME_WARN, "its content was not compared",
     .facts = {UEFI, LISTS_CODE, SOURCE_HAS(FILE_AT(CODE, 4096, NULL)),
               DESTINATION_HAS(SAME_CODE)}},
    {"firmware", OUTCOME_WARN, "gone from the source",
     .facts = {UEFI, LISTS_CODE, SOURCE_HAS(NONE_AT(CODE)),
               DESTINATION_HAS(SAME_CODE)}},
    {"firmware", OUTCOME_WARN, "does not list firmware '" CODE "'",
     .facts = {UEFI, SOURCE_HAS(SAME_CODE), DESTINATION_HAS(SAME_CODE)}},
    {"firmware", OUTCOME_NOT_RUN, "is not known: no QEMU",
     .facts = {UEFI, .destination.domcaps_why = "no QEMU",
               SOURCE_HAS(SAME_CODE), DESTINATION_HAS(SAME_CODE)}},
    {"firmware", OUTCOME_NOT_RUN, "is not known: refused",
     .facts = {AUTO_UEFI, .destination.missing = "refused"}},
    {"firmware", OUTCOME_NOT_RUN, "the destination was not asked about path",
     .facts = {UEFI, LISTS_CODE, SOURCE_HAS(SAME_CODE)}},
    {"firmware", OUTCOME_NOT_RUN, "the source was not asked about path",
     .facts = {UEFI, LISTS_CODE, DESTINATION_HAS(SAME_CODE)}},
    {"firmware", OUTCOME_NOT_RUN, "no agent",
     .facts = {UEFI, LISTS_CODE, .destination_local.missing = "no agent"}},
    {"firmware", OUTCOME_PASS, "'efi' firmware to choose from",
     .facts = {AUTO_UEFI,
               .destination = {.n_firmwares = 1,
                               .firmwares = (const char *[]){"efi"}}}},
    {"firmware", OUTCOME_BLOCK, "no 'efi' firmware to choose", "efi", "none",
     "install", .facts = {AUTO_UEFI}},
    {"firmware", OUTCOME_BLOCK, "no template of variables '" VARS "'", VARS,
     "none",
     .facts = {UEFI_VARS, LISTS_CODE,
               SOURCE_HAS(SAME_CODE, FILE_AT(VARS, 64, "cc")),
               DESTINATION_HAS(SAME_CODE, NONE_AT(VARS))}},
    {"firmware", OUTCOME_BLOCK, "template of variables '" VARS "' is not of",
     .facts = {UEFI_VARS, LISTS_CODE,
               SOURCE_HAS(SAME_CODE, FILE_AT(VARS, 64, "cc")),
               DESTINATION_HAS(SAME_CODE, FILE_AT(VARS, 128, "cc"),
                               NONE_AT(NVRAM))}},
    /* The variables are on shared storage. */
    {"firmware", OUTCOME_PASS, "is the same at both ends",
     .facts = {UEFI_VARS, LISTS_CODE,
               SOURCE_HAS(SAME_CODE, FILE_AT(VARS, 64, "cc")),
               DESTINATION_HAS(SAME_CODE, NONE_AT(VARS),
                               FILE_AT(NVRAM, 64, NULL))}},
    {"firmware", OUTCOME_WARN, "leaves the firmware's variables", NULL, NULL,
     NVRAM,
     .facts = {UEFI_VARS, LISTS_CODE, .plan.offline = true,
               SOURCE_HAS(SAME_CODE, FILE_AT(VARS, 64, "cc")),
               DESTINATION_HAS(SAME_CODE, FILE_AT(VARS, 64, "cc"))}},

    /* roms */
    {"roms", OUTCOME_PASS, "no device of the guest has an option ROM",
     .facts = {NOTHING}},
    {"roms", OUTCOME_PASS, "only the definition",
     .facts = {VIRTIO_NIC, .plan.offline = true}},
    /* Files of another size, in the same power of two, at another path. */
    {"roms", OUTCOME_PASS, "the ROM of 'virtio' takes the same size",
     "262144 bytes", "200000 bytes",
     .facts = {VIRTIO_NIC,
               SOURCE_HAS(FILE_AT(ROM_A, 262144, NULL),
                          FILE_AT(ROM_B, 512, NULL)),
               DESTINATION_HAS(NONE_AT(ROM_A), FILE_AT(ROM_B, 200000, NULL))}},
    {"roms", OUTCOME_WARN, "the ROM of 'virtio' takes another size",
     "262144 bytes", "262145 bytes", "same ROM package",
     .facts = {VIRTIO_NIC, SOURCE_HAS(FILE_AT(ROM_A, 262144, NULL)),
               DESTINATION_HAS(FILE_AT(ROM_A, 262145, NULL))}},
    {"roms", OUTCOME_WARN, "the ROM of 'virtio' takes another size",
     .facts = {VIRTIO_NIC, SOURCE_HAS(FILE_AT(ROM_A, 262144, NULL)),
               DESTINATION_HAS(FILE_AT(ROM_A, UINT64_MAX, NULL))}},
    {"roms", OUTCOME_WARN, "the ROM of 'cirrus'",
     .facts = {CIRRUS, SOURCE_HAS(FILE_AT(BIOS_A, 38912, NULL)),
               DESTINATION_HAS(NONE_AT(BIOS_A), FILE_AT(BIOS_B, 65537, NULL))}},
    {"roms", OUTCOME_NOT_RUN, "the destination has no '" ROM_A "'",
     .facts = {VIRTIO_NIC, SOURCE_HAS(FILE_AT(ROM_A, 262144, NULL)),
               DESTINATION_HAS(NONE_AT(ROM_A), NONE_AT(ROM_B))}},
    {"roms", OUTCOME_NOT_RUN, "not asked about path '" ROM_B "'",
     .facts = {VIRTIO_NIC, SOURCE_HAS(FILE_AT(ROM_A, 262144, NULL)),
               DESTINATION_HAS(NONE_AT(ROM_A))}},
    {"roms", OUTCOME_NOT_RUN, "no agent",
     .facts = {CIRRUS, .source_local.missing = "no agent"}},
};

static void
the_machine_is_judged(void **state)
{
	(void)state;
	tells(told, LENGTH_OF(told));
	tells_all(checks_machine, told, LENGTH_OF(told));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_machine_is_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
