/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The connection, and what libvirt says of it, in the endpoint's thread. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "endpoint_private.h"
#include "evidence/printable.h"

bool
libvirt_said(int code)
{
	const virError *said = virGetLastError();

	return said != NULL && said->code == code;
}

const char *
libvirt_words(char out[LIBVIRT_WORDS_MAX])
{
	const char *said = virGetLastErrorMessage();
	const char *hook = strstr(said, "Hook script execution failed");
	struct printable p = printable_of(out, LIBVIRT_WORDS_MAX);

	/* How libvirt ran our hook is no news, and leaves no room for why. */
	if (hook != NULL && (hook = strstr(hook, ": virt-attest: ")) != NULL)
		said = hook + 2;

	/* Some of QEMU's words are several lines. */
	while (!p.cut && *said != '\0') {
		size_t len = strcspn(said, "\n");

		printable_utf8(&p, span_of(said, len));
		said += len;
		if (*said == '\n' && *++said != '\0')
			printable_add(&p, " ");
	}
	return out;
}

/* libvirt knows without asking the peer. */
static void
note_loss(struct endpoint *e, const char *words)
{
	if (e->lost || e->connection == NULL ||
	    virConnectIsAlive(e->connection) == 1)
		return;
	e->lost = true;
	e->lost_words = mem_text(words);
}

const char *
endpoint_said(struct endpoint *e, struct arena *arena)
{
	char words[LIBVIRT_WORDS_MAX];
	const char *call = e->calling != NULL ? e->calling : "libvirt";
	size_t size = strlen(call) + LIBVIRT_WORDS_MAX + 3;
	char *text = arena_new(arena, size, 1);

	snprintf(text, size, "%s: %s", call, libvirt_words(words));
	note_loss(e, text);
	return text;
}

bool
endpoint_is_there(struct endpoint *e, struct err *err)
{
	note_loss(e, "it was closed");
	if (!e->lost)
		return true;
	return err_set(err, ERR_UNAVAILABLE,
	               "the connection to libvirt at %s is gone: %s", e->label,
	               e->lost_words);
}

bool
ask_connection(struct endpoint *e, struct question *q)
{
	char words[LIBVIRT_WORDS_MAX];

	endpoint_calls(e, "virConnectOpenAuth");
	e->connection = libvirt_dial(q->text);
	if (e->connection == NULL)
		return err_set(&q->err, ERR_UNAVAILABLE,
		               "no connection to libvirt at %s: %s", e->label,
		               libvirt_words(words));
	e->uri = CALL(e, virConnectGetURI, e->connection);
	if (e->uri == NULL)
		return err_set(&q->err, ERR_UNAVAILABLE, "libvirt at %s: %s",
		               e->label, libvirt_words(words));
	dial_cut_uri(q->text, e->uri);
	return true;
}
