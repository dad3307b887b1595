/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is heard: one verifier issues, another judges; both are in this process,
 * with a store each. */
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

#include "pass_private.h"
#include "result.h"
#include "store_help.h"
#include "sys/sys.h"

#define UUID "0b1a5b62-5a0e-4b6e-9c1d-1f2e3d4c5b6a"

static char folder[] = "/tmp/virt-attest-keys.XXXXXX";

/* The verifier of host-a, which is here host-b's, too: it has one store, and
 * its own key among those that it believes, as host-a's. */
static struct verifierd v;
static char own_name[] = "host-a";

static void
put_key(const char *name, const struct signing_public *key, mode_t mode)
{
	char path[128], pem[SIGNING_PEM_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_true(signing_pem(key, pem, NULL));
	unlink(path);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(pem, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
take_key(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

static struct signing_public
own_key(void)
{
	struct signing_public key;

	assert_true(result_key(&v, "uid=0", &key, NULL));
	return key;
}

static void
open_verifier(void)
{
	v = (struct verifierd){
	    .store = store_here(),
	    .config = {.host_name = own_name, .pass_keys = folder},
	    .passes = passes_new(folder),
	};
}

static void
close_verifier(void)
{
	passes_free(v.passes);
	store_close(v.store);
}

static int
set_up(void **state)
{
	struct signing_public key;
	int status = store_set_up(state);

	strcpy(folder, "/tmp/virt-attest-keys.XXXXXX");
	assert_non_null(mkdtemp(folder));
	open_verifier();
	key = own_key();
	put_key("host-a.pem", &key, 0644);
	return status;
}

static int
tear_down(void **state)
{
	char command[160];

	close_verifier();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	return store_tear_down(state);
}

static void
issue(struct buf *jwt)
{
	const struct pass_of of = {UUID, "host-b", 60, "uid=0"};
	struct err err = {0};

	v.config.host_name = (char[]){"host-a"};
	if (!pass_issue(&v, &of, jwt, &err))
		fail_msg("%s", err.text);
	buf_u8(jwt, '\0');
}

/* As host-b's verifier. */
static bool
judge_as(const char *host, const char *uuid, const char *jwt, struct err *err)
{
	const struct pass_shown shown = {uuid, jwt, "uid=0"};
	char source[HOST_NAME_MAX_SIZE], name[64];
	bool ok;

	*err = (struct err){0};
	snprintf(name, sizeof(name), "%s", host);
	v.config.host_name = name;
	ok = pass_check(&v, &shown, source, err);
	v.config.host_name = own_name;
	assert_string_equal(source, ok ? "host-a" : "");
	return ok;
}

static void
refused(const char *uuid, const char *jwt, const char *word)
{
	struct err err;

	if (judge_as("host-b", uuid, jwt, &err))
		fail_msg("taken, not refused with '%s'", word);
	if (strstr(err.text, word) == NULL)
		fail_msg("'%s', without '%s'", err.text, word);
}

/* Claims of a test's own, by our own key. */
static const char *
claims(const char *iss, const char *aud, int64_t iat_off, int64_t exp_off,
       struct buf *jwt)
{
	AUTO(json_auto) struct json *all = NULL;
	struct pass p = {.uuid = UUID};
	uint64_t now_s = sys_unix_s();

	snprintf(p.source, sizeof(p.source), "%s", iss);
	snprintf(p.destination, sizeof(p.destination), "%s", aud);
	p.issued_s = now_s + (uint64_t)iat_off;
	p.until_s = now_s + (uint64_t)exp_off;
	assert_true(sys_random(p.id, sizeof(p.id), NULL));
	assert_true(pass_encode(&p, &all, NULL));
	jwt->len = 0;
	assert_true(result_sign_claims(&v, PASS_TYP, all, "uid=0", jwt, NULL));
	buf_u8(jwt, '\0');
	return (const char *)jwt->at;
}

static void
a_good_one_is_taken_once(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct err err;

	(void)state;
	issue(&jwt);
	if (!judge_as("HOST-B", UUID, (char *)jwt.at, &err))
		fail_msg("%s", err.text);
	refused(UUID, (char *)jwt.at, "used before");
	jwt.len = 0;
	issue(&jwt);
	/* In capitals it is the same domain. */
	assert_true(judge_as("host-b", "0B1A5B62-5A0E-4B6E-9C1D-1F2E3D4C5B6A",
	                     (char *)jwt.at, &err));
}

static void
a_restart_forgets_none(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct err err;

	(void)state;
	issue(&jwt);
	assert_true(judge_as("host-b", UUID, (char *)jwt.at, &err));
	close_verifier();
	open_verifier();
	refused(UUID, (char *)jwt.at, "used before");
	jwt.len = 0;
	issue(&jwt);
	assert_true(judge_as("host-b", UUID, (char *)jwt.at, &err));
}

static void
each_lie_has_its_words(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};

	(void)state;
	refused(UUID, "", "carries none");
	refused(UUID, "nonsense", "no pass by a verifier");
	refused("1b1a5b62-5a0e-4b6e-9c1d-1f2e3d4c5b6a",
	        claims("host-a", "host-b", 0, 60, &jwt), "for the domain");
	refused("", claims("host-a", "host-b", 0, 60, &jwt), "for the domain");
	refused(UUID, claims("host-a", "host-c", 0, 60, &jwt),
	        "is for 'host-c', and this host is 'host-b'");
	refused(UUID, claims("host-c", "host-b", 0, 60, &jwt),
	        "in the name of 'host-c' and signed by the verifier of "
	        "'host-a'");
	refused(UUID, claims("host-a", "host-b", -100, -PASS_SKEW_S - 2, &jwt),
	        "ended");
	refused(UUID, claims("host-a", "host-b", PASS_SKEW_S + 20, 100, &jwt),
	        "clocks");
}

/* Nobody's pass was used up by a refusal, and clocks may be a little apart. */
static void
a_little_apart_is_allowed(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct err err;

	(void)state;
	assert_true(judge_as(
	    "host-b", UUID,
	    claims("host-a", "host-b", -100, -PASS_SKEW_S + 10, &jwt), &err));
	assert_true(judge_as(
	    "host-b", UUID,
	    claims("host-a", "host-b", PASS_SKEW_S - 10, 100, &jwt), &err));
	issue((jwt.len = 0, &jwt));
	assert_false(judge_as("host-c", UUID, (char *)jwt.at, &err));
	assert_true(judge_as("host-b", UUID, (char *)jwt.at, &err));
}

static void
a_tampered_one_is_not_signed(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};

	(void)state;
	issue(&jwt);
	jwt.at[jwt.len - 40] ^= 1;
	refused(UUID, (char *)jwt.at, "not signed");
}

static void
only_what_root_put_there_is_a_key(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct signing_public key = own_key();
	struct err err;

	(void)state;
	issue(&jwt);
	put_key("host-a.pem", &key, 0666);
	refused(UUID, (char *)jwt.at, "others than its owner may write it");
	take_key("host-a.pem");
	refused(UUID, (char *)jwt.at, "no pass by a verifier");
	put_key("host-a", &key, 0644); /* no .pem */
	put_key(".host-a.pem", &key, 0644);
	refused(UUID, (char *)jwt.at, "no pass by a verifier");
	/* In the place of another's. */
	put_key("host-c.pem", &key, 0644);
	refused(UUID, (char *)jwt.at, "signed by the verifier of 'host-c'");
	/* Two files may have one key, and a bad one beside it harms nobody. */
	put_key("host-a.pem", &key, 0644);
	put_key("host a.pem", &key, 0644);
	assert_true(judge_as("host-b", UUID, (char *)jwt.at, &err));
	if (geteuid() == 0) {
		char path[200];

		snprintf(path, sizeof(path), "%s/host-a.pem", folder);
		assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
		issue((jwt.len = 0, &jwt));
		refused(UUID, (char *)jwt.at, "signed by the verifier of");
		assert_int_equal(chown(path, 0, (gid_t)-1), 0);
	}
	assert_int_equal(chmod(folder, 0777), 0);
	issue((jwt.len = 0, &jwt));
	refused(UUID, (char *)jwt.at, "others than its owner may write it");
	assert_int_equal(chmod(folder, 0755), 0);
}

static void
so_many_keys_are_no_folder_of_ours(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct signing_public key = own_key();
	struct err err;
	char name[32];

	(void)state;
	for (int i = 1; i < PASS_KEYS_MAX; i++) {
		snprintf(name, sizeof(name), "x%d.pem", i);
		put_key(name, &key, 0644);
	}
	issue(&jwt);
	assert_true(judge_as("host-b", UUID, (char *)jwt.at, &err));
	put_key("one-more.pem", &key, 0644);
	issue((jwt.len = 0, &jwt));
	refused(UUID, (char *)jwt.at, "more than 1024 keys");
}

static void
a_full_list_refuses(void **state)
{
	static struct pass_seen seen;
	struct pass p = {.until_s = 1000};
	struct err err = {0};

	(void)state;
	for (unsigned i = 0; i < PASSES_SEEN_MAX; i++) {
		snprintf(p.source, sizeof(p.source), "host-%u",
		         i / PASSES_OF_ONE_MAX);
		memcpy(p.id, &i, sizeof(i));
		assert_true(pass_seen_add(&seen, &p, 900, &err));
	}
	p.id[8] = 1;
	assert_false(pass_seen_add(&seen, &p, 1000 + PASS_SKEW_S, &err));
	assert_int_equal(err.code, ERR_BUSY);
	/* What is over makes room: nobody would take it any more. */
	assert_true(pass_seen_add(&seen, &p, 1001 + PASS_SKEW_S, &err));
	assert_int_equal(seen.n, 1);
}

/* Its verifier's key signs as many as it likes. */
static void
one_source_leaves_room_for_the_others(void **state)
{
	static struct pass_seen seen;
	struct pass p = {.until_s = 1000, .source = "host-x"};
	struct err err = {0};

	(void)state;
	for (unsigned i = 0; i < PASSES_OF_ONE_MAX; i++) {
		memcpy(p.id, &i, sizeof(i));
		assert_true(pass_seen_add(&seen, &p, 900, &err));
	}
	p.id[8] = 1;
	snprintf(p.source, sizeof(p.source), "HOST-X");
	assert_false(pass_seen_add(&seen, &p, 900, &err));
	assert_int_equal(err.code, ERR_BUSY);
	snprintf(p.source, sizeof(p.source), "host-a");
	assert_true(pass_seen_add(&seen, &p, 900, &err));
}

static void
a_restart_knows_whose_they_were(void **state)
{
	static struct pass_seen seen;
	AUTO(buf_done) struct buf jwt = {0};
	struct err err;

	(void)state;
	issue(&jwt);
	assert_true(judge_as("host-b", UUID, (char *)jwt.at, &err));
	assert_true(pass_seen_remember(&seen, v.store, sys_unix_s(), &err));
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.all[0].source, "host-a");
}

/* Whoever may ask may ask for nothing, as fast as he can. */
static void
refusals_do_not_fill_the_disk(void **state)
{
	struct passes *passes = passes_new(".");
	const uint64_t now = 10 * PASS_REFUSALS_MS;
	uint64_t left_out;

	(void)state;
	for (int i = 0; i < PASS_REFUSALS_MAX; i++) {
		assert_true(pass_refusal_is_written(passes, now, &left_out));
		assert_int_equal(left_out, 0);
	}
	for (int i = 0; i < 5; i++)
		assert_false(pass_refusal_is_written(
		    passes, now + PASS_REFUSALS_MS - 1, &left_out));
	assert_true(
	    pass_refusal_is_written(passes, now + PASS_REFUSALS_MS, &left_out));
	assert_int_equal(left_out, 5);
	assert_true(
	    pass_refusal_is_written(passes, now + PASS_REFUSALS_MS, &left_out));
	assert_int_equal(left_out, 0);
	passes_free(passes);
}

static void
what_cannot_be_written_is_not_taken(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct err err;

	(void)state;
	issue(&jwt);
	close_verifier();
	store_tamper("DELETE FROM audit_head");
	open_verifier();
	assert_false(judge_as("host-b", UUID, (char *)jwt.at, &err));
	assert_int_equal(err.code, ERR_IO);
	refused(UUID, (char *)jwt.at, "used before");
}

static void
what_no_pass_can_say_is_not_issued(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct pass_of of = {UUID, "host-b", PASS_LIFE_MAX_S + 1, "uid=0"};
	struct err err = {0};

	(void)state;
	assert_false(pass_issue(&v, &of, &jwt, &err));
	of.seconds = 0;
	assert_false(pass_issue(&v, &of, &jwt, &err));
	of = (struct pass_of){"db1", "host-b", 60, "uid=0"};
	assert_false(pass_issue(&v, &of, &jwt, &err));
	of = (struct pass_of){UUID, "", 60, "uid=0"};
	assert_false(pass_issue(&v, &of, &jwt, &err));
	assert_int_equal(jwt.len, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_good_one_is_taken_once),
	    TEST(a_restart_forgets_none),
	    TEST(each_lie_has_its_words),
	    TEST(a_little_apart_is_allowed),
	    TEST(a_tampered_one_is_not_signed),
	    TEST(only_what_root_put_there_is_a_key),
	    TEST(so_many_keys_are_no_folder_of_ours),
	    TEST(a_full_list_refuses),
	    TEST(one_source_leaves_room_for_the_others),
	    TEST(a_restart_knows_whose_they_were),
	    TEST(refusals_do_not_fill_the_disk),
	    TEST(what_cannot_be_written_is_not_taken),
	    TEST(what_no_pass_can_say_is_not_issued),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
