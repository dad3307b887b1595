/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of devices of the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checks_told.h"

#define NOTHING .domain = {.name = "web"}
#define HOSTDEV(...)                                                           \
	.domain = {.n_hostdevs = 1,                                            \
	           .hostdevs = &(struct hostdev_facts){__VA_ARGS__}}
#define NIC(...)                                                               \
	.domain = {.n_nics = 1, .nics = &(struct nic_facts){__VA_ARGS__}}
#define CHARDEV(...)                                                           \
	.domain = {.n_chardevs = 1,                                            \
	           .chardevs = &(struct chardev_facts){__VA_ARGS__}}
#define FILESYSTEM(...)                                                        \
	.domain = {.n_filesystems = 1,                                         \
	           .filesystems = (const char *[]){__VA_ARGS__}}
#define SHMEM(...)                                                             \
	.domain = {.n_shmems = 1, .shmems = (const char *[]){__VA_ARGS__}}
#define NODEDEV(...)                                                           \
	.destination = {.n_nodedevs = 1,                                       \
	                .nodedevs = &(struct lookup_facts){__VA_ARGS__}}
#define PATH(...)                                                              \
	.destination_local = {.n_paths = 1,                                    \
	                      .paths = &(struct local_path){__VA_ARGS__}}
#define ADDRESS(...)                                                           \
	.destination_local = {.n_addresses = 1,                                \
	                      .addresses =                                     \
	                          &(struct local_answer_bool){__VA_ARGS__}}
#define VERSIONS(here, there)                                                  \
	.source.lib_version = (here), .destination.lib_version = (there)
#define NO_AGENT .destination_local.missing = "no agent"

#define PCI  .type = "pci", .address = "0000:3b:00.1"
#define MDEV .type = "mdev", .address = "mdev-1", .model = "vfio-pci"
#define USB  .type = "usb", .address = "046d:c52b"

static const struct told told[] = {
    /* hostdev */
    {"hostdev", OUTCOME_PASS, "holds no PCI", .facts = {NOTHING}},
    {"hostdev", OUTCOME_PASS, "holds no PCI", .facts = {HOSTDEV(USB)}},
    {"hostdev", OUTCOME_PASS, "only the definition",
     .facts = {HOSTDEV(PCI), .plan.offline = true}},
    {"hostdev", OUTCOME_BLOCK, "pci device '0000:3b:00.1'", "0000:3b:00.1",
     NULL, "detach it", .facts = {HOSTDEV(PCI)}},
    {"hostdev", OUTCOME_BLOCK, "scsi device 'not known'",
     .facts = {HOSTDEV(.type = "scsi")}},
    {"hostdev", OUTCOME_PASS, "is unplugged for the migration",
     .facts = {HOSTDEV(PCI, .teaming_transient = true),
               NODEDEV(.name = "0000:3b:00.1", .found = true)}},
    {"hostdev", OUTCOME_BLOCK, "no pci device '0000:3b:00.1'", "0000:3b:00.1",
     "none", "--xml",
     .facts = {HOSTDEV(PCI, .teaming_transient = true),
               NODEDEV(.name = "0000:3b:00.1")}},
    {"hostdev", OUTCOME_BLOCK, "pci device '0000:3b:00.1'",
     .facts = {NIC(.type = "hostdev", .source = "0000:3b:00.1")}},
    {"hostdev", OUTCOME_PASS, "is unplugged for the migration",
     .facts = {NIC(.type = "hostdev", .source = "0000:3b:00.1",
                   .teaming_transient = true),
               NODEDEV(.name = "0000:3b:00.1", .found = true)}},
    {"hostdev", OUTCOME_WARN, "QEMU decides whether a VFIO device migrates",
     .facts = {HOSTDEV(MDEV), NODEDEV(.name = "mdev-1", .found = true)}},
    {"hostdev", OUTCOME_BLOCK, "no mdev device 'mdev-1'",
     .facts = {HOSTDEV(MDEV), NODEDEV(.name = "mdev-1")}},
    {"hostdev", OUTCOME_BLOCK, "mdev device 'ap'",
     .facts = {HOSTDEV(.type = "mdev", .address = "ap", .model = "vfio-ap")}},
    {"hostdev", OUTCOME_NOT_RUN,
     "the destination was not asked about device 'mdev-1'",
     .facts = {HOSTDEV(MDEV)}},
    {"hostdev", OUTCOME_NOT_RUN, "device 'mdev-1': denied",
     .facts = {HOSTDEV(MDEV), NODEDEV(.name = "mdev-1", .why = "denied")}},
    {"hostdev", OUTCOME_NOT_RUN, "refused",
     .facts = {HOSTDEV(MDEV), .destination.missing = "refused"}},

    /* usb */
    {"usb", OUTCOME_PASS, "holds no USB", .facts = {HOSTDEV(PCI)}},
    {"usb", OUTCOME_PASS, "only the definition",
     .facts = {HOSTDEV(USB), .plan.offline = true}},
    {"usb", OUTCOME_WARN, "it gets the destination's own", "046d:c52b",
     "046d:c52b", "plug its like",
     .facts = {HOSTDEV(USB), NODEDEV(.name = "046d:c52b", .found = true)}},
    {"usb", OUTCOME_WARN, "startupPolicy", "046d:c52b", "none",
     .facts = {HOSTDEV(USB), NODEDEV(.name = "046d:c52b")}},
    {"usb", OUTCOME_WARN, "is not known", "046d:c52b", .facts = {HOSTDEV(USB)}},
    {"usb", OUTCOME_NOT_RUN, "no domain",
     .facts = {.domain.missing = "no domain"}},

    /* filesystem */
    {"filesystem", OUTCOME_PASS, "no folder or memory", .facts = {NOTHING}},
    {"filesystem", OUTCOME_PASS, "only the definition",
     .facts = {FILESYSTEM("9p /srv"), .plan.offline = true}},
    {"filesystem", OUTCOME_BLOCK, "'9p /srv'", NULL, NULL, "unmount",
     .facts = {FILESYSTEM("9p /srv")}},
    {"filesystem", OUTCOME_BLOCK, "would need libvirt 11.3.0", NULL, NULL,
     "unmount",
     .facts = {FILESYSTEM("virtiofs /srv"), VERSIONS(9000000, 11003000)}},
    {"filesystem", OUTCOME_BLOCK, "would need libvirt 11.3.0",
     .facts = {FILESYSTEM("virtiofs /srv"), VERSIONS(11003000, 11002999)}},
    {"filesystem", OUTCOME_WARN, "only if virtiofsd can hand over",
     .facts = {FILESYSTEM("virtiofs /srv"), VERSIONS(11003000, 11003000)}},
    {"filesystem", OUTCOME_NOT_RUN, "which the destination does not tell",
     .facts = {FILESYSTEM("virtiofs /srv"), VERSIONS(11003000, 0)}},
    {"filesystem", OUTCOME_NOT_RUN, "which the source does not tell",
     .facts = {FILESYSTEM("virtiofs /srv"), .source.missing = "refused",
               .destination.lib_version = 11003000}},
    {"filesystem", OUTCOME_PASS, "its guest is the master",
     .facts = {SHMEM("shm0 ivshmem-plain master")}},
    {"filesystem", OUTCOME_BLOCK, "only a master's", NULL, NULL, "detach",
     .facts = {SHMEM("shm0 ivshmem-plain peer")}},
    {"filesystem", OUTCOME_BLOCK, "only a master's",
     .facts = {SHMEM("shm0 ivshmem-doorbell -")}},
    {"filesystem", OUTCOME_BLOCK, "a plain ivshmem",
     .facts = {SHMEM("shm0 ivshmem master")}},
    {"filesystem", OUTCOME_BLOCK, "a plain ivshmem",
     .facts = {SHMEM("shm0 - master")}},
    {"filesystem", OUTCOME_BLOCK, "a plain ivshmem", .facts = {SHMEM("shm0")}},

    /* chardev */
    {"chardev", OUTCOME_PASS, "no character device",
     .facts = {NOTHING, NO_AGENT}},
    {"chardev", OUTCOME_PASS, "no character device",
     .facts = {CHARDEV(.type = "pty", .path = "/dev/pts/3"), NO_AGENT}},
    /* libvirt's own socket of the guest agent, the system's and a user's. */
    {"chardev", OUTCOME_PASS, "no character device",
     .facts = {CHARDEV(.type = "unix",
                       .path = "/run/libvirt/qemu/channel/1-web/agent"),
               NO_AGENT}},
    {"chardev", OUTCOME_PASS, "no character device",
     .facts = {CHARDEV(.type = "unix",
                       .path = "/run/user/1000/libvirt/qemu/channel/a"),
               NO_AGENT}},
    {"chardev", OUTCOME_PASS, "no character device",
     .facts = {CHARDEV(.device = "graphics", .type = "vnc",
                       .path = "/run/vnc.sock"),
               NO_AGENT}},
    {"chardev", OUTCOME_PASS, "what the serial device at '/dev/ttyS0' needs",
     .facts = {CHARDEV(.device = "serial", .type = "dev", .path = "/dev/ttyS0"),
               PATH(.path = "/dev/ttyS0", .exists = true)}},
    {"chardev", OUTCOME_BLOCK, "no '/dev/ttyS0', which a serial device needs",
     "/dev/ttyS0", "none", "--xml",
     .facts = {CHARDEV(.device = "serial", .type = "dev", .path = "/dev/ttyS0"),
               PATH(.path = "/dev/ttyS0")}},
    {"chardev", OUTCOME_BLOCK, "which a graphics device needs",
     .facts = {CHARDEV(.device = "graphics", .type = "spice",
                       .path = "/dev/dri/renderD128"),
               PATH(.path = "/dev/dri/renderD128")}},
    /* The file need not be there, but its folder. */
    {"chardev", OUTCOME_PASS, "was not looked for",
     .facts = {CHARDEV(.device = "serial", .type = "file",
                       .path = "/var/log/web.log"),
               PATH(.path = "/var/log", .exists = true)}},
    {"chardev", OUTCOME_BLOCK, "no '/srv/log', which",
     .facts = {CHARDEV(.type = "unix", .path = "/srv/log/web"),
               PATH(.path = "/srv/log")}},
    {"chardev", OUTCOME_PASS, "was not looked for",
     .facts = {CHARDEV(.type = "file", .path = "/log"),
               PATH(.path = "/", .exists = true)}},
    {"chardev", OUTCOME_WARN, "no pipe '/run/p'",
     .facts = {CHARDEV(.type = "pipe", .path = "/run/p"),
               PATH(.path = "/run/p")}},
    {"chardev", OUTCOME_NOT_RUN, "not asked about path '/srv/log/web'",
     .facts = {CHARDEV(.type = "unix", .path = "/srv/log/web"),
               PATH(.path = "/srv/log/web", .exists = true)}},
    {"chardev", OUTCOME_NOT_RUN, "no agent",
     .facts = {CHARDEV(.type = "dev", .path = "/dev/ttyS0"), NO_AGENT}},
    {"chardev", OUTCOME_PASS, "every host can listen on 0.0.0.0",
     .facts = {CHARDEV(.type = "vnc", .listen = "0.0.0.0"), NO_AGENT}},
    {"chardev", OUTCOME_PASS, "every host can listen on 127.0.0.1",
     .facts = {CHARDEV(.type = "vnc", .listen = "127.0.0.1"), NO_AGENT}},
    {"chardev", OUTCOME_PASS, "10.0.0.2 is an address of the destination",
     .facts = {CHARDEV(.type = "vnc", .listen = "10.0.0.2"),
               ADDRESS(.name = "10.0.0.2", .yes = true)}},
    {"chardev", OUTCOME_BLOCK, "graphics vnc listens on 10.0.0.1", "10.0.0.1",
     "not its own", "0.0.0.0",
     .facts = {CHARDEV(.device = "graphics", .type = "vnc",
                       .listen = "10.0.0.1"),
               ADDRESS(.name = "10.0.0.1")}},
    {"chardev", OUTCOME_NOT_RUN, "not asked about address '10.0.0.1'",
     .facts = {CHARDEV(.type = "vnc", .listen = "10.0.0.1"),
               ADDRESS(.name = "10.0.0.2", .yes = true)}},

    /* device-place */
    {"device-place", OUTCOME_PASS, "has its place", .facts = {NOTHING}},
    {"device-place", OUTCOME_BLOCK, "no slot or base address", NULL, NULL,
     "start the domain anew",
     .facts = {.domain = {.active = true, .dimm_without_slot = true}}},
    {"device-place", OUTCOME_PASS, "has its place",
     .facts = {.domain = {.from_file = true, .dimm_without_slot = true}}},
    {"device-place", OUTCOME_PASS, "only the definition",
     .facts = {.domain.dimm_without_slot = true, .plan.offline = true}},
    {"device-place", OUTCOME_NOT_RUN, "no domain",
     .facts = {.domain.missing = "no domain"}},
};

static void
devices_are_judged(void **state)
{
	(void)state;
	tells(told, LENGTH_OF(told));
	tells_all(checks_device, told, LENGTH_OF(told));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(devices_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
