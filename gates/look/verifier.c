/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What verifierd.conf says to the gates, and the file of the trust gate. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "look_private.h"
#include "sys/config.h"
#include "sys/defaults.h"
#include "sys/sys.h"
#include "words.h"

enum {
	CONNECT_MS = 500,
	KEYS_MAX = 1024,
	LATE_MS = 8000, /* the timer comes by every five seconds */
};

struct read {
	char *socket, *trust_file, *trust_own, *pass_keys, *read_group;
};

#define TEXT(name, fallback)                                                   \
	{                                                                      \
#name, CONFIG_TEXT, offsetof(struct read, name), fallback, 0,  \
		    0, NULL                                                    \
	}

static const struct config_key keys[] = {
    TEXT(socket, CONTROL_SOCKET),
    TEXT(trust_file, ""),
    TEXT(trust_own, DEFAULT_MIGRATION_CA),
    TEXT(pass_keys, VERIFIERD_PASS_KEYS),
    TEXT(read_group, ""),
};

static uint64_t
count_keys(struct arena *arena, const char *folder)
{
	const char *names[KEYS_MAX], *why = NULL;
	size_t n = look_folder(arena, folder, KEYS_MAX, names, &why);
	uint64_t keys_n = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(names[i]);

		keys_n += len > 4 && strcmp(names[i] + len - 4, ".pem") == 0;
	}
	return keys_n;
}

/* A socket of systemd's stands for a verifier that is not there yet, and would
 * start it for who connects. */
static enum seen
listens(struct arena *arena, const char *socket)
{
	struct err err = {0};
	int fd;

	if (look_unit(arena, "virt-attest-verifierd.socket") == SEEN_YES &&
	    look_unit(arena, "virt-attest-verifierd.service") == SEEN_NO)
		return SEEN_YES;
	fd = control_connect(socket, CONNECT_MS, &err);
	if (fd >= 0)
		close(fd);
	return fd >= 0 ? SEEN_YES : SEEN_NO;
}

static const char *
text_of(struct arena *arena, const char *text)
{
	return text != NULL ? words_shown(arena, text) : "";
}

void
look_verifier(struct arena *arena, struct gate_facts *f)
{
	struct gate_verifier *v = &f->verifier;
	struct config_source from = {.shared = true};
	struct read read = {0};
	struct err err = {0};

	v->conf = look_at_file(arena, "/etc/virt-attest/verifierd.conf");
	if (v->conf.exists)
		from.path = v->conf.path;
	if (!config_load(keys, LENGTH_OF(keys), &from, &read, &err))
		v->conf.why = words_shown(arena, err.text);
	v->socket = text_of(arena, read.socket);
	v->trust_file = text_of(arena, read.trust_file);
	v->trust_own = text_of(arena, read.trust_own);
	v->pass_keys = text_of(arena, read.pass_keys);
	v->read_group = text_of(arena, read.read_group);
	v->n_pass_keys = count_keys(arena, v->pass_keys);
	v->listens = listens(arena, v->socket);
	config_done(keys, LENGTH_OF(keys), &read);
}

/* The file and its folder are the verifier's, which renames a new one into its
 * place, or root's. */
static const char *
loose(struct arena *arena, const char *path)
{
	const struct passwd *account = getpwnam(CONTROL_USER);
	char one[LOOK_PATH_SIZE];
	struct stat st;

	snprintf(one, sizeof(one), "%s", path);
	for (int i = 0; i < 2; i++) {
		if (stat(one, &st) != 0)
			return NULL;
		if (st.st_uid != 0 &&
		    (account == NULL || st.st_uid != account->pw_uid)) {
			snprintf(one + strlen(one), sizeof(one) - strlen(one),
			         " belongs to uid %u", st.st_uid);
			return words_shown(arena, one);
		}
		if ((st.st_mode & 0002) != 0) {
			snprintf(one + strlen(one), sizeof(one) - strlen(one),
			         " can be written by everybody");
			return words_shown(arena, one);
		}
		if (strrchr(one, '/') != one)
			*strrchr(one, '/') = '\0';
	}
	return NULL;
}

static uint64_t
count(const struct buf *text, const char *words)
{
	const uint8_t *at = text->at, *end = at + text->len;
	uint64_t n = 0;

	while (at < end && (at = memmem(at, (size_t)(end - at), words,
	                                strlen(words))) != NULL) {
		at += strlen(words);
		n++;
	}
	return n;
}

/* What stands between the lines of its PEM: the same bytes, in lines of 64. */
static enum seen
holds(struct arena *arena, const struct buf *text, const char *own)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----\n",
			  end[] = "-----END CERTIFICATE-----";
	struct gate_file file = look_at_file(arena, own);
	AUTO(buf_done) struct buf pem = {0};
	const uint8_t *from, *to;

	if (!look_read(arena, &file, LOOK_FILE_MAX, &pem))
		return SEEN_NOT_KNOWN;
	from = memmem(pem.at, pem.len, begin, strlen(begin));
	to = memmem(pem.at, pem.len, end, strlen(end));
	if (from == NULL || to == NULL || to <= from)
		return SEEN_NOT_KNOWN;
	from += strlen(begin);
	return text->len != 0 && memmem(text->at, text->len, from,
	                                (size_t)(to - from)) != NULL
	           ? SEEN_YES
	           : SEEN_NO;
}

/* "# host=NAME until_ms=N boot=ID" stands above each CA of a host; the time
 * counts from that boot on. */
static void
look_at_times(const struct buf *text, struct gate_trust *t)
{
	static const char before[] = " until_ms=", after[] = " boot=";
	const uint8_t *at = text->at, *end = at + text->len;
	char boot[64], digits[32];
	uint64_t until, now = sys_boot_ms();

	if (!words_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot)))
		boot[0] = '\0';
	for (char *from = boot, *to = boot;; from++)
		if (*from != '-' && (*to++ = *from) == '\0')
			break;
	while (at < end && (at = memmem(at, (size_t)(end - at), before,
	                                strlen(before))) != NULL) {
		size_t n = 0, left;

		at += strlen(before);
		left = (size_t)(end - at);
		while (n < left && n < sizeof(digits) - 1 && at[n] >= '0' &&
		       at[n] <= '9')
			n++;
		text_ascii(span_of(at, n), digits, sizeof(digits));
		at += n;
		left -= n;
		t->entries++;
		if (!text_u64(digits, UINT64_MAX, &until) ||
		    now > until + LATE_MS ||
		    left < strlen(after) + strlen(boot) ||
		    memcmp(at + strlen(after), boot, strlen(boot)) != 0)
			t->expired++;
	}
}

void
look_trust(struct arena *arena, struct gate_facts *f)
{
	struct gate_trust *t = &f->trust;
	AUTO(buf_done) struct buf text = {0};
	uint64_t all;

	t->file = look_at_file(arena, f->verifier.trust_file);
	t->file.loose = t->file.exists ? loose(arena, t->file.path) : NULL;
	t->timer = look_unit(arena, "virt-attest-trust-expire.timer");
	if (!look_read(arena, &t->file, LOOK_DRIVER_MAX, &text))
		return;
	all = count(&text, "-----BEGIN CERTIFICATE-----");
	t->own = holds(arena, &text, f->verifier.trust_own);
	look_at_times(&text, t);
	all -= t->own == SEEN_NO || all == 0 ? 0 : 1;
	t->foreign = all > t->entries ? all - t->entries : 0;
}
