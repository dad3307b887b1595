/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this host says of itself, over files that are made for it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "collect.h"
#include "crew.h"
#include "net.h"
#include "path.h"
#include "pki.h"
#include "test_ca.h"
#include "words.h"

static char dir[] = "/tmp/virt-attest-facts.XXXXXX";

/* dir/NAME; four of them may be in use. */
static const char *
in_dir(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static void
put(const char *name, struct span bytes)
{
	FILE *file = fopen(in_dir(name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
}

static struct local_path
look(const char *path, bool hash, struct arena *arena)
{
	const struct local_path_asked asked = {path, hash};
	struct local_path p;

	path_look(&asked, arena, &p);
	assert_string_equal(p.path, path);
	return p;
}

static void
a_path_is_what_is_there(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_path file, link, p;
	struct stat is;

	(void)state;
	put("disk", span_str("abc"));
	assert_int_equal(symlink(in_dir("disk"), in_dir("link")), 0);
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	assert_int_equal(stat(in_dir("disk"), &is), 0);
	file = look(in_dir("disk"), true, &arena);
	assert_true(file.exists);
	assert_null(file.why);
	assert_string_equal(file.kind, "file");
	assert_int_equal(file.size, 3);
	assert_int_equal(file.inode, is.st_ino);
	assert_int_equal(file.device, is.st_dev);
	assert_non_null(file.filesystem);
	assert_non_null(file.mount_source);
	assert_true(file.available > 0);
	assert_string_equal(file.sha256,
	                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb"
	                    "410ff61f20015ad");
	link = look(in_dir("link"), false, &arena);
	assert_int_equal(link.inode, file.inode);
	assert_null(link.sha256);
	p = look(in_dir("fifo"), true, &arena); /* nobody writes to it */
	assert_string_equal(p.kind, "other");
	assert_null(p.sha256);
	p = look(dir, true, &arena);
	assert_string_equal(p.kind, "directory");
	p = look("/dev/null", true, &arena);
	assert_string_equal(p.kind, "char");
	assert_int_equal(p.device, 0x103);
	assert_null(p.filesystem);
}

/* What the kernel makes up as it is read is nobody's firmware: it would tell of
 * processes, and some of it is gone once it was read. */
static void
what_the_kernel_makes_up_is_not_read(void **state)
{
	static const char *const paths[] = {
	    "/proc/self/environ", "/proc/self/maps",
	    "/proc/sys/kernel/random/uuid", "/sys/kernel/notes"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(paths); i++) {
		AUTO(arena_done) struct arena arena = {0};
		const struct local_path p = look(paths[i], true, &arena);

		if (p.sha256 != NULL)
			fail_msg("%s was read", paths[i]);
	}
}

static void
what_is_missing_is_told_with_its_file_system(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_path above = look(dir, false, &arena), p;

	(void)state;
	p = look(in_dir("none/such"), true, &arena);
	assert_false(p.exists);
	assert_null(p.why);
	assert_null(p.kind);
	assert_string_equal(p.filesystem, above.filesystem);
	assert_true(p.available > 0);
	p = look(in_dir("disk/below"), false, &arena); /* a file is no folder */
	assert_false(p.exists);
	assert_null(p.why);
}

static void
what_may_not_be_seen_is_not_missing(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_path p;
	char name[400];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	p = look(name, false, &arena);
	assert_false(p.exists);
	assert_string_equal(p.why, "File name too long");
}

static void
the_loopback_is_ours_and_no_answer(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_answer_bool a;
	struct local_link l;

	(void)state;
	net_link("lo", &arena, &l);
	assert_true(l.exists);
	assert_false(l.bridge || l.openvswitch || l.vlan_filtering);
	assert_true(l.mtu > 1000);
	net_link("no-such-link", &arena, &l);
	assert_false(l.exists || l.up);
	net_name("127.0.0.1", &arena, &a);
	assert_false(a.yes);
	assert_string_equal(a.told, "127.0.0.1");
	net_name("::1", &arena, &a);
	assert_false(a.yes);
	net_name("192.0.2.7", &arena, &a);
	assert_true(a.yes);
	assert_string_equal(a.told, "192.0.2.7");
	assert_true(net_address("192.0.2.7", &arena, &a));
	assert_false(a.yes);
	assert_true(net_address("no address", &arena, &a));
	assert_false(a.yes);
}

static const struct local_certificate *
certificate(const struct local_facts *f, const char *file, size_t nth)
{
	for (size_t i = 0; i < f->n_certificates; i++)
		if (strcmp(f->certificates[i].file, file) == 0 && nth-- == 0)
			return &f->certificates[i];
	return NULL;
}

static void
certificates_are_told_by_their_files(void **state)
{
	const struct issued *cas[9];
	const struct issued *leaf;
	AUTO(arena_done) struct arena arena = {0};
	AUTO(buf_done) struct buf pem = {0}, ca = {0};
	const struct local_certificate *c;
	struct local_facts f = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cas); i++)
		cas[i] = ca_new(&(struct ca_spec){.name = "root",
		                                  .extensions = CA_EXTENSIONS});
	leaf = ca_new(&(struct ca_spec){.name = "leaf",
	                                .by = cas[8],
	                                .extensions = NO_CA
	                                "subjectAltName=DNS:host-b\n"});
	pem = ca_pem(&leaf, 1);
	put("server-cert.pem", buf_span(&pem));
	put("client-cert.pem", span_str("no certificate\n"));
	pki_look(dir, &arena, &f);
	c = certificate(&f, "ca-cert.pem", 0);
	assert_false(c->exists);
	assert_null(c->why);
	assert_false(certificate(&f, "server-cert.pem", 0)->signed_here);
	c = certificate(&f, "client-cert.pem", 0);
	assert_true(c->exists);
	assert_string_equal(c->why, "no certificate in PEM that can be read");
	ca = ca_pem(cas, LENGTH_OF(cas));
	put("ca-cert.pem", buf_span(&ca));
	pki_look(dir, &arena, &f);
	c = certificate(&f, "server-cert.pem", 0);
	assert_true(c->exists && c->signed_here && !c->is_ca);
	assert_string_equal(c->names[0], "host-b");
	assert_int_equal(strlen(c->key_sha256), 64);
	/* The ninth signed it, and six are told. */
	assert_int_equal(f.n_certificates, LOCAL_CERTIFICATES_MAX);
	assert_true(certificate(&f, "ca-cert.pem", 5)->is_ca);
	assert_null(certificate(&f, "ca-cert.pem", 6));
	for (size_t i = 0; i < 6; i++)
		assert_string_not_equal(
		    certificate(&f, "ca-cert.pem", i)->key_sha256,
		    c->signer_sha256);
}

/* As the kernel writes it. */
static const char *
this_boot(void)
{
	static char id[64];

	assert_true(
	    words_line("/proc/sys/kernel/random/boot_id", id, sizeof(id)));
	return id;
}

/* A service is told: in another manner, and told on in the kernel's. */
static void
a_boot_that_is_told(void **state)
{
	static const struct {
		const char *told, *id;
	} rows[] = {
	    {"0123456789abcdef0123456789ABCDEF",
	     "01234567-89ab-cdef-0123-456789abcdef"},
	    {"0123456789abcdef", NULL},
	    {"none", NULL},
	    {"", NULL},
	    {NULL, ""},
	};
	const struct local_asking asking = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(rows); i++) {
		struct collect_files files = collect_files;
		AUTO(arena_done) struct arena arena = {0};
		const char *id = rows[i].id;
		struct local_facts f;

		files.boot = rows[i].told;
		assert_true(collect(&asking, &files, &arena, &f));
		if (id == NULL)
			assert_null(f.boot_id);
		else
			assert_string_equal(f.boot_id,
			                    *id != '\0' ? id : this_boot());
	}
}

static void
collected(const struct local_asking *asking, struct arena *arena,
          struct local_facts *f)
{
	const struct collect_files files = {
	    .qemu_conf = in_dir("qemu.conf"),
	    .maintenance = in_dir("maintenance"),
	    .migrate_pki = in_dir("none"),
	    .pki = dir,
	};
	AUTO(json_auto) struct json *json = NULL;
	struct local_facts again;
	struct err err = {0};

	assert_true(collect(asking, &files, arena, f));
	json = local_facts_encode(f);
	if (!local_facts_decode(json, arena, &again, &err))
		fail_msg("%s", err.text);
}

static void
all_of_it_is_an_answer(void **state)
{
	const struct local_path_asked paths[] = {{dir, false}, {"/none", true}};
	const char *links[] = {"lo"}, *addresses[] = {"127.0.0.1"},
		   *names[] = {"192.0.2.9"};
	const struct local_asking asking = {
	    .n_paths = 2,
	    .n_links = 1,
	    .n_addresses = 1,
	    .n_names = 1,
	    .paths = (struct local_path_asked *)(uintptr_t)paths,
	    .links = links,
	    .addresses = addresses,
	    .names = names,
	    .swtpm = true,
	};
	AUTO(arena_done) struct arena arena = {0};
	struct local_facts f;

	(void)state;
	collected(&asking, &arena, &f);
	assert_string_equal(f.qemu_conf_why, "No such file or directory");
	assert_null(f.lock_manager);
	assert_null(f.maintenance);
	assert_string_equal(f.boot_id, this_boot());
	assert_non_null(f.kernel);
	assert_true(f.cpus > 0 && f.time_ms > 1600000000000);
	assert_int_equal(f.n_paths, 2);
	assert_true(f.paths[0].exists && !f.paths[1].exists);
	assert_int_equal(f.n_names, 1);
	assert_true(f.names[0].yes && f.addresses[0].yes);
	put("qemu.conf", span_str("user = \"qemu\"\n"));
	put("maintenance", span_str("kernel update\nmore\n"));
	collected(&(struct local_asking){0}, &arena, &f);
	assert_null(f.qemu_conf_why);
	assert_string_equal(f.qemu_user, "qemu");
	assert_string_equal(f.maintenance, "kernel update");
	put("maintenance", span_str(""));
	collected(&(struct local_asking){0}, &arena, &f);
	assert_string_equal(f.maintenance, "yes");
	put("maintenance", span_str("\x1b[0m\n"));
	collected(&(struct local_asking){0}, &arena, &f);
	assert_string_equal(f.maintenance, "yes");
	/* Nobody writes to it, and nobody waits for it. */
	assert_int_equal(unlink(in_dir("maintenance")), 0);
	assert_int_equal(mkfifo(in_dir("maintenance"), 0600), 0);
	collected(&(struct local_asking){0}, &arena, &f);
	assert_string_equal(f.maintenance, "yes");
}

static int never[2]; /* a pipe that nobody writes to */

static void
hang(struct crew_job *job)
{
	char byte;

	(void)job;
	(void)!read(never[0], &byte, 1);
}

static void
pass(struct crew_job *job)
{
	(void)job;
}

static void
what_hangs_is_left_behind(void **state)
{
	/* Its thread stays to the end of the process, and uses them. */
	static struct crew_job jobs[64];
	struct crew_job *list[64];

	(void)state;
	assert_int_equal(pipe(never), 0);
	for (size_t i = 0; i < 64; i++) {
		jobs[i].work = i == 3 ? hang : pass;
		list[i] = &jobs[i];
	}
	assert_false(crew_run(list, 64, 200));
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(jobs[i].done, i != 3);
	assert_true(crew_run(list, 3, 60000));
	assert_true(crew_run(list, 0, 0));
}

static int
begin(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int
end(void **state)
{
	static const char *const made[] = {"disk",
	                                   "link",
	                                   "fifo",
	                                   "qemu.conf",
	                                   "maintenance",
	                                   "ca-cert.pem",
	                                   "server-cert.pem",
	                                   "client-cert.pem"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(made); i++)
		(void)unlink(in_dir(made[i]));
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_path_is_what_is_there),
	    cmocka_unit_test(what_the_kernel_makes_up_is_not_read),
	    cmocka_unit_test(what_is_missing_is_told_with_its_file_system),
	    cmocka_unit_test(what_may_not_be_seen_is_not_missing),
	    cmocka_unit_test(the_loopback_is_ours_and_no_answer),
	    cmocka_unit_test_teardown(certificates_are_told_by_their_files,
	                              ca_teardown),
	    cmocka_unit_test(a_boot_that_is_told),
	    cmocka_unit_test(all_of_it_is_an_answer),
	    cmocka_unit_test(what_hangs_is_left_behind),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
