/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys of other hosts' verifiers: a folder of HOST.pem.  Whoever writes
 * there says whom we believe, so that nobody may but root and our account. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "pass_private.h"
#include "sys/log.h"

static const char ending[] = ".pem";

static int
is_key_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), end = sizeof(ending) - 1;

	return entry->d_name[0] != '.' && len > end &&
	       strcmp(entry->d_name + len - end, ending) == 0;
}

static bool
is_ours(const struct stat *s, const char *name, struct err *err)
{
	if (s->st_uid != 0 && s->st_uid != geteuid())
		return err_set(err, ERR_CONFIG,
		               "%.100s: belongs to uid %u, not to root", name,
		               s->st_uid);
	/* With an access control list the group's bits are its mask. */
	if ((s->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(err, ERR_CONFIG,
		               "%.100s: others than its owner may write it",
		               name);
	return true;
}

/* The file's name is the host's. */
static bool
take_name(const char *name, struct pass_key *key, struct err *err)
{
	char copy[NAME_MAX + 1];

	if (!text_copy(name, copy, sizeof(copy)))
		return err_set(err, ERR_CONFIG, "a file's name is too long");
	copy[strlen(copy) - (sizeof(ending) - 1)] = '\0';
	return attester_name_allowed(copy, err) &&
	       (text_copy(copy, key->host, sizeof(key->host)) ||
	        err_set(err, ERR_CONFIG, "a file's name is too long"));
}

/* By one descriptor, so that what was looked at is what is read; a pipe would
 * keep us waiting, so it is none. */
static bool
read_key(int folder, const char *name, struct pass_key *key, struct err *err)
{
	uint8_t bytes[SIGNING_PEM_FILE_MAX];
	struct err why = {0};
	struct stat s;
	char shown[100];
	ssize_t n = -1;
	bool ok;
	int fd;

	text_ascii(span_str(name), shown, sizeof(shown));
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ok = fd >= 0 && fstat(fd, &s) == 0;
	if (!ok)
		err_set(err, ERR_CONFIG, "%s: %s", shown, strerror(errno));
	else if (!S_ISREG(s.st_mode) || s.st_size > (off_t)sizeof(bytes))
		ok = err_set(err, ERR_CONFIG, "%s: no file of a key", shown);
	ok = ok && is_ours(&s, shown, err);
	if (ok)
		n = read(fd, bytes, sizeof(bytes));
	if (ok &&
	    (n < 0 || !take_name(name, key, &why) ||
	     !signing_of_pem(span_of(bytes, (size_t)n), &key->public, &why)))
		ok = err_set(err, ERR_CONFIG, "%s: %s", shown,
		             n < 0 ? strerror(errno) : why.text);
	if (fd >= 0)
		close(fd);
	return ok;
}

static void
read_keys(struct pass_keys *keys, int folder, struct dirent **files, int n)
{
	keys->n = keys->n_bad = 0;
	keys->why_bad = (struct err){0};
	keys->all = mem_grow(keys->all, (size_t)n + 1, sizeof(*keys->all));
	for (int i = 0; i < n; i++) {
		struct err why = {0};

		if (read_key(folder, files[i]->d_name, &keys->all[keys->n],
		             &why)) {
			keys->n++;
			continue;
		}
		log_warning("event=pass-key-bad why=\"%s\"", why.text);
		if (keys->n_bad++ == 0)
			keys->why_bad = why;
	}
}

/* What a change of a file changes. */
static void
stamp_files(int folder, struct dirent **files, int n, uint8_t out[SHA256_SIZE])
{
	AUTO(buf_done) struct buf bytes = {0};
	struct span all;

	for (int i = 0; i < n; i++) {
		struct stat s = {.st_size = 0};

		(void)fstatat(folder, files[i]->d_name, &s, 0);
		buf_sized(&bytes, span_str(files[i]->d_name));
		buf_u64(&bytes, (uint64_t)s.st_ino);
		buf_u64(&bytes, (uint64_t)s.st_size);
		buf_u64(&bytes, (uint64_t)s.st_mtim.tv_sec);
		buf_u64(&bytes, (uint64_t)s.st_mtim.tv_nsec);
		buf_u64(&bytes, (uint64_t)s.st_ctim.tv_sec);
		buf_u64(&bytes, (uint64_t)s.st_ctim.tv_nsec);
	}
	all = buf_span(&bytes);
	crypto_sha256(&all, 1, out);
}

static bool
refresh(struct pass_keys *keys, int folder, struct dirent **files, int n,
        struct err *err)
{
	uint8_t stamp[SHA256_SIZE];

	if (n > PASS_KEYS_MAX)
		return err_set(err, ERR_CONFIG, "%.100s: more than %d keys",
		               keys->folder, PASS_KEYS_MAX);
	stamp_files(folder, files, n, stamp);
	if (!keys->read || memcmp(stamp, keys->stamp, SHA256_SIZE) != 0)
		read_keys(keys, folder, files, n);
	memcpy(keys->stamp, stamp, SHA256_SIZE);
	keys->read = true;
	return true;
}

bool
pass_keys_now(struct pass_keys *keys, struct err *err)
{
	int folder = open(keys->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **files = NULL;
	struct stat s;
	bool ok;
	int n = -1;

	ok = folder >= 0 && fstat(folder, &s) == 0;
	if (!ok)
		err_set(err, ERR_CONFIG, "pass_keys: %.100s: %s", keys->folder,
		        strerror(errno));
	ok = ok && is_ours(&s, keys->folder, err);
	if (ok) {
		n = scandirat(folder, ".", &files, is_key_file, alphasort);
		ok = n >= 0 ? refresh(keys, folder, files, n, err)
		            : err_set(err, ERR_CONFIG, "pass_keys: %.100s: %s",
		                      keys->folder, strerror(errno));
	}
	for (int i = 0; i < n; i++)
		free(files[i]);
	free(files);
	if (folder >= 0)
		close(folder);
	return ok;
}

void
pass_keys_done(struct pass_keys *keys)
{
	free(keys->folder);
	free(keys->all);
	*keys = (struct pass_keys){.folder = NULL};
}
