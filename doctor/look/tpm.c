/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The TPM, where nobody is disturbed by it, and the measurement logs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "look_private.h"
#include "source/tpm.h"
#include "source/tpm_health.h"
#include "words.h"

#define AGENT  "virt-attest-agentd"
#define DEVICE "device:"
#define CONF   "/etc/virt-attest/agentd.conf"

enum { PROCESSES_MAX = 65536, COMMAND_MAX = 64 * 1024, COMM_LEN = 15 };

/* What follows `flag` in a command line, beside it or as the next word; NULL.
 * The words end with a NUL each. */
static const char *
word_after(const struct buf *command, const char *flag)
{
	const char *at = (const char *)command->at;
	const char *end = at + command->len;
	size_t n = strlen(flag);

	for (; at < end; at += strlen(at) + 1) {
		if (strncmp(at, flag, n) != 0)
			continue;
		if (at[n] != '\0')
			return at + n;
		return at + n + 1 < end ? at + n + 1 : NULL;
	}
	return NULL;
}

/* Whether the file of that agent, as the process sees it, names the TPM; one
 * that cannot be read may. */
static bool
file_names_tpm(unsigned pid, const char *file, const char *tcti)
{
	struct look its = {0};
	struct err err = {0};
	char path[LOOK_PATH_SIZE];
	bool there, same;

	snprintf(path, sizeof(path), "/proc/%u/%s/%.4000s", pid,
	         file[0] == '/' ? "root" : "cwd", file);
	there = access(path, F_OK) == 0 || errno != ENOENT;
	same = !look_agentd_conf(&its, there ? path : NULL, &err) ||
	       strcmp(its.agentd.tcti, tcti) == 0;
	look_conf_done(&its);
	return same;
}

/* Root's, the agent's account's or the caller's own: what somebody else calls
 * by that name is not believed, nor are his files read for it.  (To whom its
 * folder in /proc belongs does not say it.) */
static bool
is_of_an_agent(unsigned pid)
{
	static const char uids[] = "\nUid:";
	AUTO(buf_done) struct buf status = {0};
	struct look_account agent;
	const char *line;
	char path[64];
	unsigned long uid;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	if (!words_file(path, COMMAND_MAX, &status))
		return false;
	buf_u8(&status, '\0');
	line = strstr((const char *)status.at, uids);
	if (line == NULL)
		return false;
	uid = strtoul(line + strlen(uids), NULL, 10);
	look_account(AGENT, &agent);
	return uid == 0 || uid == geteuid() ||
	       (agent.there && uid == agent.uid);
}

static bool
is_agent_of(const char *name, const char *tcti)
{
	static const char key[] = "tcti=";
	AUTO(buf_done) struct buf command = {0};
	char path[64], comm[32];
	const char *said = NULL;
	uint64_t pid;

	if (!text_u64(name, INT32_MAX, &pid))
		return false;
	snprintf(path, sizeof(path), "/proc/%u/comm", (unsigned)pid);
	if (!words_line(path, comm, sizeof(comm)) ||
	    strncmp(comm, AGENT, COMM_LEN) != 0 ||
	    !is_of_an_agent((unsigned)pid))
		return false;
	snprintf(path, sizeof(path), "/proc/%u/cmdline", (unsigned)pid);
	if (!words_file(path, COMMAND_MAX, &command))
		return true;
	buf_u8(&command, '\0');
	said = word_after(&command, key);
	if (said == NULL)
		said = word_after(&command, "-otcti=");
	if (said != NULL)
		return strcmp(said, tcti) == 0;
	said = word_after(&command, "-c");
	return file_names_tpm((unsigned)pid, said != NULL ? said : CONF, tcti);
}

static bool
agent_runs(const char *tcti)
{
	const struct dirent *entry;
	DIR *dir = opendir("/proc");
	bool found = false;

	for (size_t i = 0; dir != NULL && !found && i < PROCESSES_MAX &&
	                   (entry = readdir(dir)) != NULL;
	     i++)
		found = is_agent_of(entry->d_name, tcti);
	if (dir != NULL)
		closedir(dir);
	return found;
}

/* tpm2-tss has ways that run a program ("cmd:"), write a file ("pcap:") or load
 * any library: the agent does that with its own few rights, and doctor would
 * with root's. */
static bool
is_plain(const char *tcti)
{
	static const char *const kinds[] = {"device", "tabrmd", "swtpm",
	                                    "mssim"};
	size_t n = strcspn(tcti, ":");

	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		if (strlen(kinds[i]) == n && strncmp(tcti, kinds[i], n) == 0)
			return true;
	return false;
}

/* False: it is not to be asked, and why is told. */
static bool
may_ask(struct arena *arena, struct health_tpm *t)
{
	struct look_account agent;
	struct stat st;
	int fd;

	t->odd = !is_plain(t->tcti);
	if (t->odd)
		return false;
	if (!tpm_is_shared(t->tcti) && agent_runs(t->tcti)) {
		t->taken = "the agent";
		return false;
	}
	if (t->device[0] == '\0')
		return true;
	if (stat(t->device, &st) != 0) {
		*(errno == EACCES ? &t->hidden : &t->missing) =
		    words_errno(arena, errno);
		return false;
	}
	t->owner = look_owner(arena, &st);
	look_account(AGENT, &agent);
	t->usable = look_may(&agent, &st, S_IROTH | S_IWOTH);
	fd = open(t->device, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (errno == EACCES || errno == EPERM)
		t->hidden = words_errno(arena, errno);
	else if (errno == EBUSY)
		t->taken = "another program";
	else
		t->missing = words_errno(arena, errno);
	return false;
}

void
look_tpm(struct look *look, struct arena *arena)
{
	struct health_tpm *t = &look->facts.tpm;
	struct tpm_health is;
	struct err err = {0};

	*t = (struct health_tpm){
	    .tcti = arena_text(arena, look->agentd.tcti),
	    .device = "",
	    .owner = "",
	    .maker = "",
	    .model = "",
	};
	if (strncmp(t->tcti, DEVICE, strlen(DEVICE)) == 0)
		t->device = t->tcti + strlen(DEVICE);
	if (!may_ask(arena, t))
		return;
	if (!tpm_look(t->tcti, &is, &err)) {
		*(err.code == ERR_UNAVAILABLE ? &t->missing : &t->failed) =
		    words_shown(arena, err.text);
		return;
	}
	t->started = is.started;
	t->sha256 = is.sha256;
	t->in_lockout = is.in_lockout;
	t->clock_safe = is.clock_safe;
	t->maker = arena_text(arena, is.maker);
	t->model = arena_text(arena, is.model);
	memcpy(t->firmware, is.firmware, sizeof(t->firmware));
	t->revision = is.revision;
	t->failures = is.failures;
	t->failures_max = is.failures_max;
	t->forgets_s = is.forgets_s;
	t->clock_ms = is.clock_ms;
	t->resets = is.resets;
	t->restarts = is.restarts;
}

/* A kernel's file has no size to go by.  Nothing else is opened. */
static bool
is_empty(const char *path, const struct stat *st)
{
	char first;
	ssize_t n;
	int fd;

	if (!S_ISREG(st->st_mode))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return false;
	n = read(fd, &first, 1);
	close(fd);
	return n == 0;
}

void
look_logs(struct look *look, struct arena *arena)
{
	const struct health_log logs[HEALTH_LOGS] = {
	    {.key = "boot_log", .path = look->agentd.boot_log},
	    {.key = "ima_log", .path = look->agentd.ima_log},
	};
	static const char kernels[] = "/sys/kernel/security/";
	struct look_account agent;
	struct stat st;

	look_account(AGENT, &agent);
	for (size_t i = 0; i < HEALTH_LOGS; i++) {
		struct health_log *l = &look->facts.logs.all[i];

		*l = logs[i];
		l->path = arena_text(arena, l->path);
		l->owner = "";
		l->default_path =
		    strncmp(l->path, kernels, strlen(kernels)) == 0;
		if (l->path[0] == '\0')
			continue;
		l->there = stat(l->path, &st) == 0;
		if (!l->there) {
			if (errno == EACCES)
				l->hidden = words_errno(arena, errno);
			continue;
		}
		l->owner = look_owner(arena, &st);
		l->readable = look_may(&agent, &st, S_IROTH);
		l->empty = is_empty(l->path, &st);
	}
}
