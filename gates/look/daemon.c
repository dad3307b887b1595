/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's daemon as it runs: when it began, what it has in its memory, in
 * which control group it is. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "look_private.h"
#include "words.h"

#define PLUGIN "/lock-driver/virt-attest.so"
#define DRIVER "/libvirt_driver_qemu.so"

enum {
	COMM_LEN = 15,        /* what the kernel keeps of a name */
	STAT_AFTER_NAME = 20, /* proc(5): starttime is field 22 */
	MAPS_MAX = 4 * 1024 * 1024,
	/* A process is made, executed and linked before it reads anything, and
	 * its start is told in ticks of 10 ms. */
	READS_AFTER_MS = 50,
};

enum seen
look_process(const char *name)
{
	char path[64], comm[32];
	const struct dirent *entry;
	enum seen found = SEEN_NO;
	DIR *dir = opendir("/proc");
	uint64_t pid;

	if (dir == NULL)
		return SEEN_NOT_KNOWN;
	for (size_t i = 0; i < LOOK_PROCESSES_MAX && found == SEEN_NO &&
	                   (entry = readdir(dir)) != NULL;
	     i++) {
		if (!text_u64(entry->d_name, INT32_MAX, &pid))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
		if (words_line(path, comm, sizeof(comm)) &&
		    strncmp(comm, name, COMM_LEN) == 0)
			found = SEEN_YES;
	}
	closedir(dir);
	return found;
}

enum seen
look_unit(struct arena *arena, const char *unit)
{
	const char *const argv[] = {"/usr/bin/systemctl", "is-active", unit,
	                            NULL};
	AUTO(buf_done) struct buf said = {0};
	const char *why = NULL;

	if (access("/run/systemd/system", F_OK) != 0)
		return SEEN_NOT_KNOWN;
	return look_ask(arena, argv, &said, &why) ? SEEN_YES : SEEN_NO;
}

/* SIGHUP leaves no trace but in what systemd remembers of a reload. */
static uint64_t
last_change(struct arena *arena, const char *daemon, uint64_t now_ms)
{
	char unit[64], text[32];
	const char *const argv[] = {"/usr/bin/systemctl",
	                            "show",
	                            "--value",
	                            "--property=StateChangeTimestampMonotonic",
	                            unit,
	                            NULL};
	AUTO(buf_done) struct buf said = {0};
	const char *why = NULL;
	struct timespec mono;
	uint64_t us;

	snprintf(unit, sizeof(unit), "%s.service", daemon);
	if (access("/run/systemd/system", F_OK) != 0 ||
	    clock_gettime(CLOCK_MONOTONIC, &mono) != 0 ||
	    !look_ask(arena, argv, &said, &why))
		return 0;
	while (said.len != 0 && said.at[said.len - 1] == '\n')
		said.len--;
	text_ascii(buf_span(&said), text, sizeof(text));
	if (!text_u64(text, UINT64_MAX, &us) || us == 0 ||
	    us / 1000 > look_ms(&mono))
		return 0;
	return now_ms - (look_ms(&mono) - us / 1000);
}

static uint64_t
began(const char *pid, uint64_t booted_ms)
{
	char path[64], line[1024];
	const char *at;
	uint64_t ticks, hz = (uint64_t)sysconf(_SC_CLK_TCK);

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	if (!words_line(path, line, sizeof(line)) ||
	    (at = strrchr(line, ')')) == NULL || hz == 0)
		return 0;
	for (size_t i = 0; i < STAT_AFTER_NAME; i++) {
		at = strchr(at + 1, ' ');
		if (at == NULL)
			return 0;
	}
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(at + 1, " "), at + 1);
	if (!text_u64(path, UINT64_MAX / 1000, &ticks))
		return 0;
	return booted_ms + ticks * 1000 / hz + READS_AFTER_MS;
}

/* The path of the first mapping whose file ends in `name`; "" when there is
 * none.  `*gone`: that file is no longer what is mapped. */
static const char *
mapped(struct arena *arena, const struct buf *maps, const char *name,
       bool *gone)
{
	static const char deleted[] = " (deleted)";
	char path[LOOK_PATH_SIZE];
	const uint8_t *at, *line, *end;
	struct stat st;
	uint64_t inode;

	at = maps->len != 0 ? memmem(maps->at, maps->len, name, strlen(name))
	                    : NULL;
	if (at == NULL)
		return "";
	for (line = at; line > maps->at && line[-1] != '\n'; line--)
		;
	end = memchr(at, '\n', maps->len - (size_t)(at - maps->at));
	if (end == NULL)
		end = maps->at + maps->len;
	*gone =
	    memmem(at, (size_t)(end - at), deleted, strlen(deleted)) != NULL;
	/* address perms offset dev inode path */
	for (size_t i = 0; i < 4 && line < end; i++, line++)
		while (line < end && *line != ' ')
			line++;
	snprintf(path, sizeof(path), "%.*s", (int)(end - line),
	         (const char *)line);
	inode = strtoull(path, NULL, 10);
	at = (const uint8_t *)strchr(path, '/');
	if (at == NULL)
		return "";
	if (*gone)
		path[strlen(path) - strlen(deleted)] = '\0';
	name = arena_text(arena, (const char *)at);
	if (!*gone && (stat(name, &st) != 0 || st.st_ino != inode))
		*gone = true;
	return name;
}

static void
look_into(struct arena *arena, const char *pid, struct gate_daemon *d)
{
	AUTO(buf_done) struct buf maps = {0}, driver = {0};
	char path[64];
	bool gone = false;
	const char *file;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	if (!words_file(path, MAPS_MAX, &maps)) {
		d->why = words_errno(arena, errno);
		return;
	}
	d->plugin_path = mapped(arena, &maps, PLUGIN, &d->plugin_replaced);
	d->plugin = d->plugin_path[0] != '\0' ? SEEN_YES : SEEN_NO;
	file = mapped(arena, &maps, DRIVER, &gone);
	if (file[0] == '\0')
		d->patched = SEEN_NO;
	else if (gone)
		d->why = "its QEMU driver was replaced since it started";
	else if (!words_file(file, LOOK_DRIVER_MAX, &driver))
		d->why = words_errno(arena, errno);
	else
		d->patched = memmem(driver.at, driver.len, "\0pmc", 5) != NULL
		                 ? SEEN_YES
		                 : SEEN_NO;
}

static void
look_cgroup(struct arena *arena, const char *pid, struct gate_daemon *d)
{
	char path[LOOK_PATH_SIZE], line[LOOK_PATH_SIZE];
	AUTO(buf_done) struct buf text = {0};
	const uint8_t *at;
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/cgroup", pid);
	if (!words_file(path, WORDS_FILE_MAX, &text))
		return;
	buf_u8(&text, '\n');
	at = memmem(text.at, text.len, "0::/", 4);
	if (at == NULL || (at != text.at && at[-1] != '\n'))
		return;
	at += 4;
	snprintf(line, sizeof(line), "%.*s",
	         (int)((const uint8_t *)memchr(
			   at, '\n', text.len - (size_t)(at - text.at)) -
	               at),
	         (const char *)at);
	d->cgroup = arena_text(arena, line);
	snprintf(path, sizeof(path), "/sys/fs/cgroup/%.2000s", line);
	if (line[0] != '\0' && stat(path, &st) == 0)
		d->cgroup_id = st.st_ino;
}

static bool
find(const char *name, char pid[32])
{
	char path[64], comm[32];
	uint64_t number;

	snprintf(path, sizeof(path), "/run/%s.pid", name);
	if (!words_line(path, pid, 32) || !text_u64(pid, INT32_MAX, &number))
		return false;
	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	return words_line(path, comm, sizeof(comm)) && strcmp(comm, name) == 0;
}

void
look_daemon(struct arena *arena, struct gate_facts *f)
{
	struct gate_daemon *d = &f->daemon;
	char pid[32];

	*d = (struct gate_daemon){
	    .name = "libvirtd", .plugin_path = "", .cgroup = ""};
	if (find("virtqemud", pid))
		d->name = "virtqemud";
	else if (!find("libvirtd", pid))
		return;
	d->runs = true;
	d->started_ms = began(pid, f->booted_ms);
	d->reloaded_ms = last_change(arena, d->name, f->now_ms);
	look_into(arena, pid, d);
	look_cgroup(arena, pid, d);
}
