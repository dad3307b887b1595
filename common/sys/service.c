/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/service.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "sys/sys.h"

/* SD_LISTEN_FDS_START; a key's file. */
enum { FIRST_FD = 3, KEY_FILE_MAX = 64 * 1024, FOLDERS_MAX = 16 };

/* Whether a variable of ours says this process, or nothing. */
static bool
is_for_us(const char *variable)
{
	const char *pid = getenv(variable);
	uint64_t number;

	return pid == NULL || (text_u64(pid, INT32_MAX, &number) &&
	                       number == (uint64_t)getpid());
}

bool
service_socket(int *fd, struct err *err)
{
	const char *count = getenv("LISTEN_FDS");
	uint64_t n = 0;

	*fd = -1;
	if (count == NULL || getenv("LISTEN_PID") == NULL ||
	    !is_for_us("LISTEN_PID") || !text_u64(count, INT32_MAX, &n))
		n = 0;
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDNAMES");
	if (n > 1)
		return err_set(err, ERR_CONFIG,
		               "%llu sockets were passed; one is wanted",
		               (unsigned long long)n);
	if (n == 1) {
		*fd = FIRST_FD;
		(void)fcntl(*fd, F_SETFD, FD_CLOEXEC);
	}
	return true;
}

static bool
holds_key(const char *path)
{
	AUTO(buf_done) struct buf pem = {0};
	bool holds;

	if (!sys_read_file(path, KEY_FILE_MAX, &pem, NULL))
		return false;
	buf_u8(&pem, '\0');
	holds = strstr((const char *)pem.at, "PRIVATE KEY-----") != NULL;
	explicit_bzero(pem.at, pem.len);
	return holds;
}

/* `folders` has colons between them. */
static bool
find_key(const char *folders, char room[SERVICE_PATH_MAX])
{
	for (int i = 0; folders != NULL && i < FOLDERS_MAX; i++) {
		size_t len = strcspn(folders, ":");
		int n = snprintf(room, SERVICE_PATH_MAX, "%.*s/tls_key",
		                 (int)len, folders);

		if (len != 0 && n > 0 && n < SERVICE_PATH_MAX &&
		    holds_key(room))
			return true;
		folders = folders[len] == ':' ? folders + len + 1 : NULL;
	}
	return false;
}

const char *
service_key(const char *configured, char room[SERVICE_PATH_MAX])
{
	/* "handle:0x81......" is in a TPM. */
	if (strncmp(configured, "handle:", 7) == 0 ||
	    access(configured, R_OK) == 0)
		return configured;
	if (find_key(getenv("RUNTIME_DIRECTORY"), room) ||
	    find_key(getenv("CREDENTIALS_DIRECTORY"), room))
		return room;
	return configured;
}

uint64_t
service_watchdog_ms(void)
{
	const char *text = getenv("WATCHDOG_USEC");
	uint64_t us;

	if (text == NULL || !is_for_us("WATCHDOG_PID") ||
	    !text_u64(text, UINT64_MAX, &us) || us == 0)
		return 0;
	return us < 2000 ? 1 : us / 2000;
}

bool
service_is_heard(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}
