/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections, and what libvirt's library needs once in a process: its loop of
 * events runs in a thread for ever, for keepalive alone, so that a peer that
 * dies in the midst of a long call (a migration) ends that call. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint_private.h"

enum {
	KEEPALIVE_S = 5,
	KEEPALIVE_COUNT = 5,
};

static pthread_once_t dial_once = PTHREAD_ONCE_INIT;
static bool dial_has_loop;

/* Errors are told by who called. */
static void
dial_on_error(void *user, virErrorPtr error)
{
	(void)user;
	(void)error;
}

static void *
dial_loop(void *user)
{
	while (virEventRunDefaultImpl() == 0)
		;
	return user;
}

/* What libvirt or its event loop cannot do now shows at the connection. */
static void
dial_start(void)
{
	sigset_t all, before;
	pthread_t loop;

	virSetErrorFunc(NULL, dial_on_error);
	if (virInitialize() != 0 || virEventRegisterDefaultImpl() != 0)
		return;
	/* The program's signals are the program's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&loop, NULL, dial_loop, NULL) == 0) {
		pthread_detach(loop);
		dial_has_loop = true;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

char *
dial_quiet_uri(const char *uri)
{
	const char *scheme_end = uri != NULL ? strstr(uri, "://") : NULL;
	const char *ssh = uri != NULL ? strstr(uri, "ssh") : NULL;
	char *quiet = NULL;

	if (scheme_end == NULL || ssh == NULL || ssh > scheme_end ||
	    strstr(uri, "no_tty=") != NULL || strchr(uri, '#') != NULL)
		return NULL;
	if (asprintf(&quiet, "%s%cno_tty=1", uri,
	             strchr(uri, '?') != NULL ? '&' : '?') < 0)
		abort(); /* memory is out (base/mem.h) */
	return quiet;
}

void
dial_cut_uri(const char *asked, char *uri)
{
	char *added = strstr(uri, "no_tty=1");

	if (asked != NULL && strstr(asked, "no_tty=") == NULL &&
	    added != NULL && added != uri && added[strlen("no_tty=1")] == '\0')
		added[-1] = '\0';
}

virConnectPtr
libvirt_dial(const char *uri)
{
	virConnectAuth nothing = {0}; /* no credential can be asked for */
	virConnectPtr connection;
	char *quiet;

	pthread_once(&dial_once, dial_start);
	quiet = dial_quiet_uri(uri);
	connection =
	    virConnectOpenAuth(quiet != NULL ? quiet : uri, &nothing, 0);
	free(quiet);
	/* Some drivers and old peers have none: the deadlines stay. */
	if (connection != NULL && dial_has_loop)
		(void)virConnectSetKeepAlive(connection, KEEPALIVE_S,
		                             KEEPALIVE_COUNT);
	return connection;
}
