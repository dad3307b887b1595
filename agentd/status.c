/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/log.h"

void
agentd_status(void *agentd, char *out, size_t size)
{
	const struct agentd *a = agentd;
	const struct listener *l = server_listener(a->server);
	char address[200] = "";

	if (!listener_is_there(l))
		snprintf(address, sizeof(address),
		         "; %.100s is not an address of this host yet",
		         listener_address(l));
	if (!a->asked)
		snprintf(out, size, "looks for the TPM%s", address);
	else if (a->no_tpm.code != ERR_NONE)
		snprintf(out, size, "no TPM: %s%s", a->no_tpm.text, address);
	else
		snprintf(out, size, "serving; %zu connected%s",
		         server_look(a->server)->clients, address);
}

void
agentd_say_lacks(const struct agentd *a)
{
	const struct listener *l = server_listener(a->server);

	if (!listener_is_there(l))
		log_warning("listen=%s error=\"not an address of this host "
		            "yet; it is served as soon as it is\"",
		            listener_address(l));
	for (size_t i = 0; i < MLOG_KINDS; i++) {
		const char *path = a->log_paths[i];

		if (path[0] == '\0' || access(path, R_OK) == 0 ||
		    (errno != EACCES && errno != EPERM))
			continue;
		log_warning("log=\"%s\" error=\"%s; verifiers get none of it "
		            "until this account may read it: "
		            "systemd-tmpfiles --create\"",
		            path, strerror(errno));
	}
}
