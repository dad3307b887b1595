/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test_swtpm.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

bool
test_swtpm_new(struct test_swtpm *t)
{
	*t = (struct test_swtpm){.pid = -1};
	if (access("/usr/bin/swtpm", X_OK) != 0)
		return false;
	strcpy(t->dir, "/tmp/test-swtpm.XXXXXX");
	if (mkdtemp(t->dir) == NULL)
		abort();
	snprintf(t->tcti, sizeof(t->tcti), "swtpm:path=%s/s", t->dir);
	return true;
}

/* The listening socket is made here and handed down: a connection waits in
 * its backlog until the TPM takes it, so nobody has to poll. */
static int
listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	(void)unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 4) != 0)
		abort();
	return fd;
}

void
test_swtpm_start(struct test_swtpm *t)
{
	char path[80], ctrl[80], server[64], control[64], state[80];
	int data, cmd;

	snprintf(path, sizeof(path), "%s/s", t->dir);
	snprintf(ctrl, sizeof(ctrl), "%s/s.ctrl", t->dir);
	snprintf(state, sizeof(state), "dir=%s", t->dir);
	data = listen_at(path);
	cmd = listen_at(ctrl);
	snprintf(server, sizeof(server), "type=unixio,fd=%d", data);
	snprintf(control, sizeof(control), "type=unixio,fd=%d", cmd);
	t->pid = fork();
	if (t->pid == 0) {
		int null = open("/dev/null", O_RDWR);

		(void)dup2(null, 1);
		(void)dup2(null, 2);
		execl("/usr/bin/swtpm", "swtpm", "socket", "--tpm2",
		      "--tpmstate", state, "--server", server, "--ctrl",
		      control, "--flags", "not-need-init,startup-clear",
		      (char *)NULL);
		_exit(127);
	}
	close(data);
	close(cmd);
}

void
test_swtpm_stop(struct test_swtpm *t)
{
	if (t->pid <= 0)
		return;
	kill(t->pid, SIGTERM);
	(void)waitpid(t->pid, NULL, 0);
	t->pid = -1;
}

void
test_swtpm_free(struct test_swtpm *t)
{
	DIR *dir;
	struct dirent *entry;

	test_swtpm_stop(t);
	dir = opendir(t->dir);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	(void)rmdir(t->dir);
}
