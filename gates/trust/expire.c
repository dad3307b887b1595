/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest-trust-expire: takes out of the trust file what nobody confirmed
 * in time.  A verifier that is dead, or hangs, lets nobody in. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/migration_ca.h"
#include "sys/config.h"
#include "sys/daemon.h"
#include "sys/defaults.h"
#include "sys/sys.h"
#include "trustdisk/trustdisk.h"

enum { LOCK_EVERY_MS = 50, CONFIG_MAX = 256 * 1024 };

/* verifierd's.  What else its file says, and whether it would start with that,
 * is no matter: with one that it does not start with this is wanted most. */
struct settings {
	char *trust_file, *trust_own;
};

static const struct config_key keys[] = {
    {.name = "trust_file",
     .kind = CONFIG_TEXT,
     .offset = offsetof(struct settings, trust_file),
     .fallback = ""},
    {.name = "trust_own",
     .kind = CONFIG_TEXT,
     .offset = offsetof(struct settings, trust_own),
     .fallback = DEFAULT_MIGRATION_CA},
};

/* What is left, and what went. */
struct left {
	const char *boot;
	uint64_t now_ms;
	struct buf text;
	size_t n_gone;
	bool quiet;
};

static void
left_done(struct left *l)
{
	buf_done(&l->text);
}

static void
take(void *arg, const struct trustfile_entry *e, struct span block)
{
	struct left *l = arg;

	if (trustfile_stands(e, l->now_ms, l->boot)) {
		buf_add(&l->text, block);
		return;
	}
	l->n_gone++;
	if (!l->quiet)
		printf("removed: host %s: %s\n", e->host,
		       strcmp(e->boot, l->boot) != 0
		           ? "its entry is of another boot"
		           : "its time ended, and it was not confirmed");
}

static bool
own_alone(const struct settings *config, struct left *l, struct err *err)
{
	AUTO(buf_done) struct buf pem = {0}, der = {0};

	l->text.len = 0;
	l->n_gone = 1;
	if (!sys_read_file(config->trust_own, MIGRATION_CA_PEM_MAX, &pem,
	                   err) ||
	    !migration_ca_unpem(buf_span(&pem), &der, err))
		return false;
	trustfile_begin(&l->text, buf_span(&der));
	return true;
}

/* Waits for the lock, but not for ever. */
static int
lock(const char *path)
{
	const struct timespec pause = {.tv_nsec = LOCK_EVERY_MS * 1000000L};
	int fd;

	for (int ms = 0; ms < TRUSTDISK_LOCK_MS; ms += LOCK_EVERY_MS) {
		struct err err = {0};

		if (trustdisk_lock(path, &fd, &err))
			return fd;
		if (err.code != ERR_BUSY)
			break;
		(void)nanosleep(&pause, NULL);
	}
	fprintf(stderr, "virt-attest-trust-expire: no lock: it goes on "
	                "without\n");
	return -1;
}

static bool
rewrite(const struct settings *config, struct left *l, struct err *err)
{
	AUTO(buf_done) struct buf text = {0};
	struct err why = {0};

	l->text.len = 0;
	l->n_gone = 0;
	l->now_ms = sys_boot_ms();
	if (!sys_read_file(config->trust_file, TRUSTFILE_MAX, &text, err))
		return false;
	if (!trustfile_read(buf_span(&text), take, l, &why)) {
		fprintf(stderr,
		        "virt-attest-trust-expire: %s: this host's own CA "
		        "alone stands in it from now on\n",
		        why.text);
		if (!own_alone(config, l, err))
			return false;
	}
	return l->n_gone == 0 ||
	       trustdisk_write(config->trust_file, "expire", buf_span(&l->text),
	                       l->now_ms, err);
}

/* Closed all the same, for all hosts. */
static void
shut(const struct settings *config, const struct left *l, struct err *err)
{
	struct err why = {0};
	char said[180];

	if (l->n_gone == 0 || !trustdisk_remove(config->trust_file, &why))
		return;
	snprintf(said, sizeof(said), "%.170s", err->text);
	err_set(err, err->code, "%s; it was removed, so no host is trusted",
	        said);
}

static bool
expire(const struct settings *config, struct err *err)
{
	AUTO(left_done) struct left left = {.text = {.max = TRUSTFILE_MAX}};
	char boot[TRUSTFILE_BOOT_SIZE];
	bool ok;
	int fd;

	if (config->trust_file[0] == '\0' ||
	    (access(config->trust_file, F_OK) != 0 && errno == ENOENT))
		return true; /* no gate, nothing in it */
	if (!trustdisk_boot(boot, err))
		return false;
	left.boot = boot;
	fd = lock(config->trust_file);
	ok = rewrite(config, &left, err);
	if (!ok && err->code == ERR_BUSY) {
		left.quiet = true; /* they were told */
		ok = rewrite(config, &left, err);
	}
	if (!ok)
		shut(config, &left, err);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* The value in a line `key = "value"`; false when the line is none. */
static bool
take_line(char *line, const char *key, char **value)
{
	static const char blank[] = " \t\r";
	char *at = line + strspn(line, blank), *end;

	if (strncmp(at, key, strlen(key)) != 0)
		return false;
	at += strlen(key);
	at += strspn(at, blank);
	if (*at != '=' && *at != ':')
		return false;
	at += 1 + strspn(at + 1, blank);
	end = *at == '"' ? strchr(at + 1, '"') : NULL;
	if (end == NULL)
		return false;
	*end = '\0';
	free(*value);
	*value = mem_text(at + 1);
	return true;
}

/* Of a file that cannot be read as a whole. */
static bool
scan(const char *path, struct settings *to, struct err *err)
{
	AUTO(buf_done) struct buf text = {0};
	char *rest, *line;

	if (!sys_read_file(path, CONFIG_MAX, &text, err))
		return false;
	buf_u8(&text, '\0');
	rest = (char *)text.at;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (!take_line(line, "trust_file", &to->trust_file))
			(void)take_line(line, "trust_own", &to->trust_own);
	return true;
}

static bool
read_settings(const struct daemon_options *o, struct settings *to,
              struct err *err)
{
	struct config_source from = {
	    .path = o->config,
	    .overrides = o->overrides,
	    .n_overrides = o->n_overrides,
	    .shared = true,
	};
	struct err why = {0};

	if (from.path == NULL && access(o->default_config, F_OK) == 0)
		from.path = o->default_config;
	if (config_load(keys, LENGTH_OF(keys), &from, to, &why))
		return true;
	fprintf(stderr, "virt-attest-trust-expire: %s\n", why.text);
	return from.path != NULL ? scan(from.path, to, err)
	                         : err_set(err, ERR_CONFIG,
	                                   "there is no trust file to see to");
}

int
main(int argc, char **argv)
{
	struct daemon_options options = {
	    .program = "virt-attest-trust-expire",
	    .default_config = "/etc/virt-attest/verifierd.conf",
	    .usage = "virt-attest-trust-expire [-c FILE] [-o KEY=VALUE]...",
	};
	struct settings config = {NULL, NULL};
	struct err err = {0};
	int status = 0;

	if (!daemon_options_read(&options, argc, argv, &status))
		return status;
	if (!read_settings(&options, &config, &err) || !expire(&config, &err)) {
		fprintf(stderr, "virt-attest-trust-expire: %s\n", err.text);
		status = 1;
	}
	config_done(keys, LENGTH_OF(keys), &config);
	return status;
}
