/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "look_private.h"
#include "sys/child.h"
#include "words.h"

uint64_t
look_ms(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000 + (uint64_t)t->tv_nsec / 1000000;
}

struct gate_file
look_at_file(struct arena *arena, const char *path)
{
	struct gate_file f = {.path = arena_text(arena, path)};
	struct err err = {0};
	struct stat st;
	uint64_t inode_ms;

	if (path[0] == '\0')
		return f;
	if (stat(path, &st) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			f.why = words_errno(arena, errno);
		return f;
	}
	f.exists = true;
	f.executable = S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0;
	f.written_ms = look_ms(&st.st_mtim);
	inode_ms = look_ms(&st.st_ctim);
	f.changed_ms = inode_ms > f.written_ms ? inode_ms : f.written_ms;
	if (!child_trusted(path, &err))
		f.loose = words_shown(arena, err.text);
	return f;
}

bool
look_read(struct arena *arena, struct gate_file *f, size_t max, struct buf *out)
{
	if (!f->exists)
		return false;
	if (words_file(f->path, max, out))
		return true;
	f->why = words_errno(arena, errno);
	buf_done(out);
	return false;
}

void
look_strip(struct buf *text, const char *comment)
{
	size_t to = 0, n = strlen(comment);

	for (size_t at = 0, len; at < text->len; at += len) {
		const uint8_t *line = text->at + at;
		const uint8_t *end = memchr(line, '\n', text->len - at);
		size_t blank = 0;

		len = end != NULL ? (size_t)(end - line) + 1 : text->len - at;
		while (blank < len &&
		       (line[blank] == ' ' || line[blank] == '\t'))
			blank++;
		if (len - blank >= n && memcmp(line + blank, comment, n) == 0)
			continue;
		memmove(text->at + to, line, len);
		to += len;
	}
	text->len = to;
}

bool
look_has(const struct buf *text, const char *words)
{
	return text->len != 0 &&
	       memmem(text->at, text->len, words, strlen(words)) != NULL;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t
look_folder(struct arena *arena, const char *path, size_t max,
            const char *names[], const char **why)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);
	size_t n = 0;

	if (dir == NULL) {
		if (errno != ENOENT && errno != ENOTDIR)
			*why = words_errno(arena, errno);
		return 0;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (n == max) {
			*why = "more files than are looked at";
			break;
		}
		names[n++] = arena_text(arena, entry->d_name);
	}
	closedir(dir);
	qsort(names, n, sizeof(names[0]), by_name);
	return n;
}

bool
look_ask(struct arena *arena, const char *const argv[], struct buf *out,
         const char **why)
{
	const struct child_asked asked = {
	    .path = argv[0],
	    .argv = argv,
	    .max = LOOK_FILE_MAX,
	    .timeout_ms = LOOK_MS,
	};
	struct child_told told = {0};
	struct err err = {0};

	if (!child_run(&asked, &told, &err)) {
		buf_done(&told.out);
		*why = words_shown(arena, err.text);
		return false;
	}
	if (told.status != 0) {
		buf_done(&told.out);
		*why = words_shown(arena, told.said[0] != '\0' ? told.said
		                                               : "it failed");
		return false;
	}
	*out = told.out;
	return true;
}
