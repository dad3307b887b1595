/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The trust gate: what is said of hosts, and what stands in the file then. */
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

#include "crypto/migration_ca.h"
#include "store_help.h"
#include "sys/log.h"
#include "sys/sys.h"
#include "test_ca.h"
#include "trust_gate.h"
#include "trustdisk/trustdisk.h"

#define LIMITS(name)                                                           \
	"basicConstraints=critical,CA:TRUE,pathlen:0\n"                        \
	"nameConstraints=critical,permitted;DNS:" name                         \
	",excluded;IP:0.0.0.0/0.0.0.0,"                                        \
	"excluded;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0\n"
#define LIMITS_OF_NONE "basicConstraints=critical,CA:TRUE,pathlen:0\n"
enum {
	LONG_MS = 600000,
	TURNS_MS = 300,
	ENDS_MS = 2000,
	SOON_TURNS = 500,
	SLOW_WRITE_MS = 20
};

/* Instead of the trust core: whoever listens, and who is trusted at first. */
struct trust_listener {
	void (*said)(void *arg, const struct standing *);
	void *arg;
};
static struct trust_listener listener;
static struct standing at_first;

struct trust_listener *
trust_listen(struct trust *t, void (*said)(void *, const struct standing *),
             void *arg)
{
	(void)t;
	listener = (struct trust_listener){said, arg};
	return &listener;
}

void
trust_unlisten(struct trust_listener *l)
{
	l->said = NULL;
}

void
trust_each(struct trust *t, bool (*each)(void *, const struct standing *),
           void *arg)
{
	(void)t;
	if (at_first.host[0] != '\0')
		(void)each(arg, &at_first);
}

static char folder[64], file[128], own[128];
static struct verifierd v;
static struct trust_gate *gate;

static struct standing
standing(const char *host, uint64_t trusted_ms)
{
	struct standing s = {
	    .state = trusted_ms != 0 ? VERDICT_TRUSTED : VERDICT_UNTRUSTED,
	    .trusted_ms = trusted_ms,
	    .changed = true,
	};

	snprintf(s.host, sizeof(s.host), "%s", host);
	return s;
}

static void
say(const char *host, uint64_t trusted_ms)
{
	const struct standing s = standing(host, trusted_ms);

	listener.said(listener.arg, &s);
}

/* ------------------------------------------------------------- the file */

struct seen {
	size_t n;
	char hosts[200]; /* "host-b host-c " */
	uint64_t until_ms;
};

static void
see(void *arg, const struct trustfile_entry *e, struct span block)
{
	struct seen *s = arg;
	size_t len = strlen(s->hosts);

	(void)block;
	if (e->host[0] != '\0')
		snprintf(s->hosts + len, sizeof(s->hosts) - len, "%s ",
		         e->host);
	s->until_ms = e->until_ms;
}

static struct seen
seen(void)
{
	AUTO(buf_done) struct buf text = {0};
	struct seen s = {0};
	struct err err = {0};

	if (!sys_read_file(file, TRUSTFILE_MAX, &text, &err) ||
	    !trustfile_read(buf_span(&text), see, &s, &err))
		fail_msg("%s", err.text);
	return s;
}

static void
holds(const char *hosts)
{
	assert_string_equal(seen().hosts, hosts);
}

static void
quit(void *arg)
{
	(void)arg;
	loop_quit(v.loop);
}

/* Lets `ms` go by; 0: one turn. */
static void
turn(uint64_t ms)
{
	struct timer *t = timer_new(v.loop, ms, quit, NULL);

	loop_run(v.loop);
	timer_free(t);
}

/* Hosts are added after a rest; to close takes one turn. */
static void
holds_soon(const char *hosts)
{
	for (int i = 0; i < SOON_TURNS; i++) {
		turn(10);
		if (strcmp(seen().hosts, hosts) == 0)
			return;
	}
	holds(hosts);
}

static ino_t
inode(void)
{
	struct stat st;

	assert_int_equal(stat(file, &st), 0);
	return st.st_ino;
}

/* Instead of the clock, where disks are to be slow: it goes on by as much at
 * each file that was written, however fast this machine's disk is. */
static bool slow_disk;
uint64_t __real_sys_boot_ms(void);
uint64_t __wrap_sys_boot_ms(void);
uint64_t
__wrap_sys_boot_ms(void)
{
	static uint64_t ahead_ms;
	static ino_t was;

	if (slow_disk && inode() != was) {
		was = inode();
		ahead_ms += SLOW_WRITE_MS;
	}
	return __real_sys_boot_ms() + ahead_ms;
}

/* ------------------------------------------------------- set up, tear down */

static const struct issued *
ca_named(const char *extensions, int to_d)
{
	return ca_new(&(struct ca_spec){.name = "a migration CA",
	                                .extensions = extensions,
	                                .from_d = -400,
	                                .to_d = to_d});
}

static void
enrol(const char *name, const struct issued *ca, uint8_t n)
{
	struct attester a = sample_host(name, n);

	a.migration_ca.len = ca != NULL ? ca->der.len : 0;
	if (ca != NULL)
		memcpy(a.migration_ca.at, ca->der.at, ca->der.len);
	(void)add_host(v.store, &a);
}

static void
write_own(const struct issued *ca)
{
	AUTO(buf_done) struct buf pem = ca_pem(&ca, 1);
	FILE *to = fopen(own, "w");

	assert_non_null(to);
	assert_int_equal(fwrite(pem.at, 1, pem.len, to), pem.len);
	assert_int_equal(fclose(to), 0);
}

static int
set_up(void **state)
{
	if (store_set_up(state) != 0)
		return -1;
	snprintf(folder, sizeof(folder), "/tmp/trustgate-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/ca-cert.pem", folder);
	snprintf(own, sizeof(own), "%s/own.pem", folder);
	v = (struct verifierd){
	    .config = {.trust_file = file, .trust_own = own},
	    .loop = loop_new(),
	    .store = store_here(),
	};
	at_first = (struct standing){0};
	write_own(ca_named(LIMITS("host-a"), 400));
	enrol("host-b", ca_named(LIMITS("host-b"), 400), 1);
	enrol("host-c", ca_named(LIMITS("host-c"), 400), 2);
	enrol("host-d", NULL, 3);
	enrol("host-e", ca_named(LIMITS("host-e"), -300), 4); /* has ended */
	enrol("host-f", ca_named(LIMITS_OF_NONE, 400), 5);
	return 0;
}

static int
tear_down(void **state)
{
	char command[200];

	slow_disk = false;
	trust_gate_free(gate);
	gate = NULL;
	loop_free(v.loop);
	store_close(v.store);
	ca_forget();
	snprintf(command, sizeof(command), "chmod 700 '%s'; rm -rf '%s'",
	         folder, folder);
	return system(command) + store_tear_down(state);
}

static void
open_gate(void)
{
	struct err err = {0};

	if (!trust_gate_new(&v, NULL, &gate, &err))
		fail_msg("%s", err.text);
	assert_non_null(gate);
}

/* ------------------------------------------------------------------ tests */

static void
it_begins_and_ends_with_our_own(void **state)
{
	(void)state;
	at_first = standing("host-b", LONG_MS);
	open_gate();
	holds(""); /* before the first turn */
	holds_soon("host-b ");
	trust_gate_free(gate);
	gate = NULL;
	holds("");
}

static void
it_follows_what_is_said(void **state)
{
	ino_t was;

	(void)state;
	open_gate();
	was = inode();
	say("host-b", LONG_MS);
	say("host-c", LONG_MS);
	assert_int_equal(inode(), was); /* many events, one writing */
	holds_soon("host-c host-b ");
	assert_int_not_equal(inode(), was);
	was = inode();
	say("host-c", LONG_MS); /* confirmed */
	say("host-x", 0);
	turn(0);
	assert_int_equal(inode(), was);
	say("host-B", 0);
	turn(0);
	holds("host-c ");
}

static void
who_has_no_ca_that_stands_is_not_in_it(void **state)
{
	(void)state;
	open_gate();
	say("host-d", LONG_MS); /* none */
	say("host-e", LONG_MS); /* one that has ended: QEMU refuses the file */
	say("host-f", LONG_MS); /* one that could sign for others */
	say("host-x", LONG_MS); /* not enrolled */
	say("host-b", LONG_MS);
	holds_soon("host-b ");
	/* Enrolled anew, without one. */
	assert_true(store_host_forget(v.store, "host-b", "t", NULL));
	enrol("host-b", NULL, 6);
	say("host-b", LONG_MS);
	turn(0);
	holds("");
}

static void
what_nobody_confirms_ends(void **state)
{
	(void)state;
	open_gate();
	say("host-b", ENDS_MS);
	say("host-c", LONG_MS);
	holds_soon("host-c host-b ");
	turn(ENDS_MS);
	holds("host-c ");
}

/* The file's own time is made longer before it ends. */
static void
who_is_confirmed_never_runs_out(void **state)
{
	(void)state;
	open_gate();
	say("host-b", ENDS_MS);
	holds_soon("host-b ");
	for (int i = 0; i < 20; i++) {
		say("host-b", ENDS_MS);
		turn(ENDS_MS / 10);
		if (seen().until_ms <= sys_boot_ms())
			fail_msg("ran out at %d", i);
	}
	holds("host-b ");
}

static void
a_write_that_fails_is_done_again(void **state)
{
	struct trust_gate_state is;

	(void)state;
	open_gate();
	say("host-b", LONG_MS);
	holds_soon("host-b ");
	/* A folder stands in the file's place. */
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkdir(file, 0700), 0);
	say("host-c", LONG_MS);
	turn(TURNS_MS);
	trust_gate_look(gate, &is);
	assert_true(is.failing);
	assert_int_equal(is.hosts, 2);
	assert_int_equal(rmdir(file), 0);
	turn(TRUST_GATE_RETRY_MS + 100);
	trust_gate_look(gate, &is);
	assert_false(is.failing);
	holds_soon("host-c host-b ");
}

/* Nothing can be written: then nobody is trusted. */
static void
who_cannot_write_can_close(void **state)
{
	char aside[160], under[200];

	(void)state;
	open_gate();
	say("host-b", LONG_MS);
	holds_soon("host-b ");
	snprintf(aside, sizeof(aside), "%s/.ca-cert.pem.verifierd", folder);
	snprintf(under, sizeof(under), "%s/x", aside);
	assert_int_equal(mkdir(aside, 0700), 0);
	assert_int_equal(mkdir(under, 0700), 0);
	say("host-b", 0);
	turn(0);
	assert_int_not_equal(access(file, F_OK), 0);
	assert_int_equal(rmdir(under) + rmdir(aside), 0);
	turn(TRUST_GATE_RETRY_MS + 100);
	holds("");
}

/* Another writer is waited for, but not for ever. */
static void
a_lock_does_not_keep_it_open(void **state)
{
	struct err err = {0};
	int lock;

	(void)state;
	open_gate();
	say("host-b", LONG_MS);
	holds_soon("host-b ");
	assert_true(trustdisk_lock(file, &lock, &err));
	say("host-b", 0);
	turn(TURNS_MS);
	holds("host-b ");
	turn(TRUSTDISK_LOCK_MS);
	holds("");
	close(lock);
}

/* Hosts that come one by one, and fast: few files; one that goes is gone. */
static void
many_that_come_are_few_writes(void **state)
{
	uint64_t writes = 0, since;
	ino_t was;

	(void)state;
	open_gate();
	slow_disk = true;
	since = __wrap_sys_boot_ms();
	for (int i = 0; i < SOON_TURNS; i++) {
		was = inode();
		say(i % 2 == 0 ? "host-b" : "host-c", LONG_MS);
		if (i % 2 == 1)
			say("host-b", 0);
		turn(0);
		if (inode() != was && i % 2 == 0)
			writes++;
		if (i % 2 == 1 && strstr(seen().hosts, "host-b") != NULL)
			fail_msg("still there");
	}
	if (writes == 0)
		fail_msg("nobody was added");
	/* After each but the last it rested so many times what that took. */
	if ((writes - 1) * TRUST_GATE_REST * SLOW_WRITE_MS >
	    __wrap_sys_boot_ms() - since)
		fail_msg("%zu writes", (size_t)writes);
}

static void
our_own_must_be_one_that_others_take(void **state)
{
	struct err err = {0};

	(void)state;
	write_own(ca_named(LIMITS_OF_NONE, 400));
	assert_false(trust_gate_new(&v, NULL, &gate, &err));
	assert_non_null(strstr(err.text, "any host"));
	unlink(own);
	assert_false(trust_gate_new(&v, NULL, &gate, &err));
	v.config.trust_file = own + strlen(own); /* empty: off */
	assert_true(trust_gate_new(&v, NULL, &gate, &err));
	assert_null(gate);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(it_begins_and_ends_with_our_own),
	    TEST(it_follows_what_is_said),
	    TEST(who_has_no_ca_that_stands_is_not_in_it),
	    TEST(what_nobody_confirms_ends),
	    TEST(who_is_confirmed_never_runs_out),
	    TEST(a_write_that_fails_is_done_again),
	    TEST(who_cannot_write_can_close),
	    TEST(a_lock_does_not_keep_it_open),
	    TEST(many_that_come_are_few_writes),
	    TEST(our_own_must_be_one_that_others_take),
	};

	log_open("trust_gate_test", true, LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
