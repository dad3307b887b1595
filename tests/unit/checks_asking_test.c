/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the hosts are asked about a domain, and what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "checks/asking.h"
#include "checks/rom.h"

static const struct local_path_asked *
path_of(const struct local_asking *asking, const char *path)
{
	for (size_t i = 0; i < asking->n_paths; i++)
		if (strcmp(asking->paths[i].path, path) == 0)
			return &asking->paths[i];
	return NULL;
}

static bool
is_among(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* A hash costs: what else is asked for may be a whole disk. */
static void
no_more_is_hashed(const struct local_asking *asking)
{
	for (size_t i = 0; i < asking->n_paths; i++)
		assert_false(asking->paths[i].hash);
}

static void
a_bare_domain_asks_for_nothing(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_asking asking;

	(void)state;
	local_asking_of(&(struct plan){0}, &(struct domain_facts){0}, &arena,
	                &asking);
	assert_int_equal(asking.n_paths, 0);
	assert_int_equal(asking.n_links, 0);
	assert_int_equal(asking.n_addresses, 0);
	assert_int_equal(asking.n_names, 0);
	assert_false(asking.swtpm);
}

static void
an_emulated_tpm_asks_for_swtpm(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_asking asking;

	(void)state;
	local_asking_of(&(struct plan){0},
	                &(struct domain_facts){.tpm_backend = "emulator"},
	                &arena, &asking);
	assert_true(asking.swtpm);
	local_asking_of(&(struct plan){0},
	                &(struct domain_facts){.tpm_backend = "passthrough"},
	                &arena, &asking);
	assert_false(asking.swtpm);
}

static void
disks_and_their_layers_are_asked_for(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	const char *backing[] = {"/nfs/base.qcow2", NULL, "relative/base"};
	struct disk_facts disks[] = {
	    {.type = "file",
	     .path = "/nfs/a.qcow2",
	     .n_backing = 3,
	     .backing = backing},
	    {.type = "block", .path = "/dev/vg/b"},
	    {.type = "network", .protocol = "rbd", .name = "pool/c"},
	    {.type = "file", .device = "cdrom", .path = "/iso/d.iso"},
	    {.type = "file", .device = "cdrom"},
	    {.type = "file", .path = "/nfs/a.qcow2"},
	};
	struct domain_facts domain = {.n_disks = LENGTH_OF(disks),
	                              .disks = disks};
	struct plan plan = {0};
	struct local_asking asking;

	(void)state;
	local_asking_of(&plan, &domain, &arena, &asking);
	assert_int_equal(asking.n_paths, 4);
	assert_non_null(path_of(&asking, "/nfs/a.qcow2"));
	assert_non_null(path_of(&asking, "/nfs/base.qcow2"));
	assert_non_null(path_of(&asking, "/dev/vg/b"));
	assert_non_null(path_of(&asking, "/iso/d.iso"));
	assert_false(path_of(&asking, "/iso/d.iso")->hash);

	plan.copy_storage_inc = true;
	local_asking_of(&plan, &domain, &arena, &asking);
	assert_non_null(path_of(&asking, "/nfs"));
	assert_non_null(path_of(&asking, "/dev/vg"));
	no_more_is_hashed(&asking);
}

static void
firmware_is_hashed(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct disk_facts disk = {.path = "/fw/code.fd"};
	struct domain_facts domain = {.loader = "/fw/code.fd",
	                              .nvram_template = "/fw/vars.fd",
	                              .nvram = "/var/lib/vars/g.fd",
	                              .n_disks = 1,
	                              .disks = &disk};
	struct local_asking asking;

	(void)state;
	local_asking_of(&(struct plan){0}, &domain, &arena, &asking);
	assert_int_equal(asking.n_paths, 3);
	assert_true(path_of(&asking, "/fw/code.fd")->hash);
	assert_true(path_of(&asking, "/fw/vars.fd")->hash);
	assert_false(path_of(&asking, "/var/lib/vars/g.fd")->hash);
}

/* Only the destination's libvirt knows what its networks are on. */
static void
what_the_destination_names_is_asked_for(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct lookup_facts networks[] = {
	    {.name = "nat"},
	    {.name = "lan", .bridge = "br0"},
	    {.name = "bad", .bridge = "../br1"},
	};
	struct host_facts host = {.hostname = "b.example",
	                          .n_networks = LENGTH_OF(networks),
	                          .networks = networks};
	struct local_asking asking;

	(void)state;
	local_asking_of(&(struct plan){0}, &(struct domain_facts){0}, &arena,
	                &asking);
	local_asking_add(&host, &arena, &asking);
	assert_int_equal(asking.n_links, 1);
	assert_string_equal(asking.links[0], "br0");
	assert_int_equal(asking.n_names, 1);
	assert_string_equal(asking.names[0], "b.example");
}

static void
the_place_of_tpm_states_is_asked_for(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct domain_facts domain = {.tpm_backend = "emulator"};
	struct local_asking asking;

	(void)state;
	local_asking_of(&(struct plan){0}, &domain, &arena, &asking);
	assert_non_null(path_of(&asking, "/var/lib/libvirt/swtpm"));
	domain.tpm_backend = "passthrough";
	local_asking_of(&(struct plan){0}, &domain, &arena, &asking);
	assert_int_equal(asking.n_paths, 0);
}

static void
devices_ask_for_what_they_open(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct chardev_facts chardevs[] = {
	    {.type = "dev", .path = "/dev/ttyS0"},
	    {.type = "pipe", .path = "/run/p"},
	    {.type = "unix", .path = "/run/g/agent.sock"},
	    {.type = "file", .path = "/log"},
	    {.type = "pty", .path = "/dev/pts/3"},
	    {.type = "tcp", .listen = "192.0.2.7"},
	    {.type = "vnc", .listen = "192.0.2.7"},
	    {.type = "vnc", .listen = "0.0.0.0"},
	    {.type = "spice", .listen = "127.0.0.1"},
	    {.type = "spice", .listen = "::1"},
	    {.type = "spice", .listen = "::"},
	    {.type = "spice", .listen = "2001:db8::7"},
	};
	const char *filesystems[] = {"virtiofs /srv", "9p /data with space",
	                             "mount"};
	struct domain_facts domain = {
	    .n_chardevs = LENGTH_OF(chardevs),
	    .chardevs = chardevs,
	    .n_filesystems = LENGTH_OF(filesystems),
	    .filesystems = filesystems,
	};
	struct local_asking asking;

	(void)state;
	local_asking_of(&(struct plan){0}, &domain, &arena, &asking);
	assert_int_equal(asking.n_paths, 6);
	assert_non_null(path_of(&asking, "/dev/ttyS0"));
	assert_non_null(path_of(&asking, "/run/p"));
	assert_non_null(path_of(&asking, "/run/g"));
	assert_non_null(path_of(&asking, "/"));
	assert_non_null(path_of(&asking, "/srv"));
	assert_non_null(path_of(&asking, "/data with space"));
	no_more_is_hashed(&asking);
	assert_int_equal(asking.n_addresses, 2);
	assert_string_equal(asking.addresses[0], "192.0.2.7");
	assert_string_equal(asking.addresses[1], "2001:db8::7");
}

static void
nics_ask_for_links_and_roms(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct nic_facts nics[] = {
	    {.type = "bridge", .source = "br0", .model = "virtio"},
	    {.type = "bridge", .source = "br0", .model = "e1000"},
	    {.type = "direct", .source = "eno1"},
	    {.type = "network", .source = "default", .model = "unheard-of"},
	    {.type = "vhostuser", .source = "/run/vhost.sock"},
	    {.type = "vdpa", .source = "/dev/vhost-vdpa-0"},
	    {.source = "eth7"},
	    {.type = "bridge", .source = "../../etc"},
	    {.type = "bridge"},
	};
	const char *videos[] = {"virtio", "none"};
	struct domain_facts domain = {.n_nics = LENGTH_OF(nics),
	                              .nics = nics,
	                              .n_videos = LENGTH_OF(videos),
	                              .videos = videos};
	struct local_asking asking;

	(void)state;
	local_asking_of(&(struct plan){0}, &domain, &arena, &asking);
	assert_int_equal(asking.n_links, 2);
	assert_true(is_among(asking.links, asking.n_links, "br0"));
	assert_true(is_among(asking.links, asking.n_links, "eno1"));
	assert_int_equal(asking.n_paths, 2 + 3 * ROM_PATHS);
	no_more_is_hashed(&asking);
	assert_non_null(path_of(&asking, "/dev/vhost-vdpa-0"));
	assert_non_null(path_of(&asking, "/run/vhost.sock"));
	assert_non_null(path_of(&asking, "/usr/lib/ipxe/qemu/efi-virtio.rom"));
	assert_non_null(path_of(&asking, "/usr/share/qemu/efi-e1000.rom"));
	assert_non_null(
	    path_of(&asking, "/usr/share/seabios/vgabios-virtio.bin"));
}

static void
names_are_the_plans(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct plan plan = {.destination_host = "dst.example",
	                    .data_host = "dst-data.example"};
	struct domain_facts none = {.missing = "no such domain"};
	struct local_asking asking;

	(void)state;
	local_asking_of(&plan, &none, &arena, &asking);
	assert_int_equal(asking.n_names, 2);
	assert_true(is_among(asking.names, 2, "dst.example"));
	assert_true(is_among(asking.names, 2, "dst-data.example"));
	plan.data_host = plan.destination_host;
	local_asking_of(&plan, &none, &arena, &asking);
	assert_int_equal(asking.n_names, 1);
}

static void
what_a_host_would_refuse_is_left_out(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	char edge[LOCAL_PATH_SIZE], giant[LOCAL_PATH_SIZE + 1];
	char link[LOCAL_LINK_SIZE + 1];
	struct disk_facts disks[] = {
	    {.path = edge}, {.path = giant},   {.path = "relative"},
	    {.path = ""},   {.path = "/a\nb"},
	};
	struct nic_facts nic = {.type = "bridge", .source = link};
	struct domain_facts domain = {.n_disks = LENGTH_OF(disks),
	                              .disks = disks,
	                              .n_nics = 1,
	                              .nics = &nic};
	struct local_asking asking;

	(void)state;
	memset(edge, '/', sizeof(edge) - 1);
	edge[sizeof(edge) - 1] = '\0';
	memset(giant, '/', sizeof(giant) - 1);
	giant[sizeof(giant) - 1] = '\0';
	memset(link, 'x', sizeof(link) - 1);
	link[sizeof(link) - 1] = '\0';
	local_asking_of(&(struct plan){0}, &domain, &arena, &asking);
	assert_int_equal(asking.n_paths, 1);
	assert_string_equal(asking.paths[0].path, edge);
	assert_int_equal(asking.n_links, 0);
}

/* A domain may have more disks than a host is asked about. */
static void
limits_hold(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	static char paths[DISKS_MAX][16], addresses[CHARDEVS_MAX][16];
	struct disk_facts disks[DISKS_MAX] = {{0}};
	struct chardev_facts chardevs[CHARDEVS_MAX] = {{0}};
	struct nic_facts nics[NICS_MAX] = {{0}};
	struct domain_facts domain = {.loader = "/fw/code.fd",
	                              .n_disks = DISKS_MAX,
	                              .disks = disks,
	                              .n_chardevs = CHARDEVS_MAX,
	                              .chardevs = chardevs,
	                              .n_nics = NICS_MAX,
	                              .nics = nics};
	struct local_asking asking;

	(void)state;
	for (size_t i = 0; i < DISKS_MAX; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/d%zu", i);
		disks[i].path = paths[i];
	}
	for (size_t i = 0; i < CHARDEVS_MAX; i++) {
		snprintf(addresses[i], sizeof(addresses[i]), "192.0.2.%zu", i);
		chardevs[i].listen = addresses[i];
	}
	for (size_t i = 0; i < NICS_MAX; i++)
		nics[i] = (struct nic_facts){.type = "bridge",
		                             .source = addresses[i]};
	local_asking_of(&(struct plan){0}, &domain, &arena, &asking);
	assert_int_equal(asking.n_paths, LOCAL_PATHS_MAX);
	assert_int_equal(asking.n_addresses, LOCAL_ADDRESSES_MAX);
	assert_int_equal(asking.n_links, LOCAL_LINKS_MAX);
	assert_non_null(path_of(&asking, "/fw/code.fd"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_emulated_tpm_asks_for_swtpm),
	    cmocka_unit_test(a_bare_domain_asks_for_nothing),
	    cmocka_unit_test(disks_and_their_layers_are_asked_for),
	    cmocka_unit_test(firmware_is_hashed),
	    cmocka_unit_test(what_the_destination_names_is_asked_for),
	    cmocka_unit_test(the_place_of_tpm_states_is_asked_for),
	    cmocka_unit_test(devices_ask_for_what_they_open),
	    cmocka_unit_test(nics_ask_for_links_and_roms),
	    cmocka_unit_test(names_are_the_plans),
	    cmocka_unit_test(what_a_host_would_refuse_is_left_out),
	    cmocka_unit_test(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
