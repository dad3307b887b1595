/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SELinux and AppArmor: what they confine, and what they refused us. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "look_private.h"
#include "sys/child.h"
#include "words.h"

#define AUDIT_LOG "/var/log/audit/audit.log"

enum {
	TAIL_MAX = 1024 * 1024,
	RECORD_MAX = 8192,    /* of the kernel's ring (dev-kmsg) */
	RECORDS_MAX = 100000, /* that are looked at */
};

static const char *
mode_of_selinux(void)
{
	char word[8];

	if (!words_line("/sys/fs/selinux/enforce", word, sizeof(word)))
		return "";
	return word[0] == '1' ? "enforcing" : "permissive";
}

static enum seen
boolean_of_selinux(const char *name)
{
	char path[128], word[8];

	snprintf(path, sizeof(path), "/sys/fs/selinux/booleans/%s", name);
	if (!words_line(path, word, sizeof(word)))
		return SEEN_NOT_KNOWN;
	return word[0] == '1' ? SEEN_YES : SEEN_NO;
}

static const char *
profile_of_libvirt(struct arena *arena)
{
	static const char *const files[] = {"/run/virtqemud.pid",
	                                    "/run/libvirtd.pid"};
	char pid[32], path[96], profile[256];

	for (size_t i = 0; i < LENGTH_OF(files); i++) {
		if (!words_line(files[i], pid, sizeof(pid)))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/attr/current", pid);
		if (words_line(path, profile, sizeof(profile)) &&
		    strcmp(profile, "unconfined") != 0)
			return words_shown(arena, profile);
	}
	return "";
}

/* Whether a line of the log tells of something that we were refused. */
static void
count(struct arena *arena, struct span line, struct health_confined *c)
{
	static const char *const denied[] = {"avc:  denied", "DENIED"};
	bool is = false;
	char text[300];

	for (size_t i = 0; i < LENGTH_OF(denied); i++)
		is |= memmem(line.at, line.len, denied[i], strlen(denied[i])) !=
		      NULL;
	if (!is || memmem(line.at, line.len, "virt-attest", 11) == NULL)
		return;
	c->denials++;
	text_ascii(line, text, sizeof(text));
	c->denied = words_shown(arena, text);
}

static void
count_lines(struct arena *arena, struct span text, struct health_confined *c)
{
	while (text.len != 0) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		size_t n = end != NULL ? (size_t)(end - text.at) : text.len;

		count(arena, span_of(text.at, n), c);
		n += end != NULL;
		text = span_of(text.at + n, text.len - n);
	}
}

/* The last part of auditd's file; false when there is none to read. */
static bool
read_audit(struct arena *arena, struct health_confined *c)
{
	AUTO(buf_done) struct buf text = {0};
	uint8_t part[16 * 1024];
	int fd = open(AUDIT_LOG, O_RDONLY | O_CLOEXEC);
	off_t size;
	ssize_t n;

	if (fd < 0)
		return false;
	size = lseek(fd, 0, SEEK_END);
	(void)lseek(fd, size > TAIL_MAX ? size - TAIL_MAX : 0, SEEK_SET);
	while (text.len < TAIL_MAX && (n = read(fd, part, sizeof(part))) > 0)
		buf_add(&text, span_of(part, (size_t)n));
	close(fd);
	count_lines(arena, buf_span(&text), c);
	return true;
}

/* What the kernel still has: a reader of its own takes it from nobody. */
static void
read_kernel(struct arena *arena, struct health_confined *c)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t record[RECORD_MAX];
	ssize_t n;

	if (fd < 0) {
		c->hidden = words_errno(arena, errno);
		return;
	}
	for (int i = 0; i < RECORDS_MAX; i++) {
		n = read(fd, record, sizeof(record));
		if (n < 0 && errno != EPIPE && errno != EINVAL)
			break;
		if (n > 0)
			count(arena, span_of(record, (size_t)n), c);
	}
	close(fd);
}

void
look_confined(struct look *look, struct arena *arena)
{
	struct health_confined *c = &look->facts.confined;
	char hook[CHILD_PATH_SIZE], word[8];

	*c = (struct health_confined){
	    .selinux = mode_of_selinux(), .libvirt = "", .denied = ""};
	c->hooks_run = boolean_of_selinux("virt_hooks_unconfined");
	c->apparmor = words_line("/sys/module/apparmor/parameters/enabled",
	                         word, sizeof(word)) &&
	              word[0] == 'Y';
	c->hook =
	    words_shown(arena, child_beside("virt-attest-hook",
	                                    BINDIR "/virt-attest-hook", hook));
	if (c->apparmor)
		c->libvirt = profile_of_libvirt(arena);
	if ((c->apparmor || c->selinux[0] != '\0') && !read_audit(arena, c))
		read_kernel(arena, c);
}
