/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "proto/message.h"
#include "relying/relying.h"

/* What an operator may paste after `virt-attest permit`. */
static const char *
name_of(const struct gate_domain *domain)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+:@-";
	const char *name = domain->name;

	return name != NULL && name[0] != '\0' && name[0] != '-' &&
	               strlen(name) <= 64 && strspn(name, plain) == strlen(name)
	           ? name
	           : domain->uuid;
}

static bool
has_no_permit(const struct verdict *v)
{
	return v->host[0] == '\0' && v->n_reasons != 0 &&
	       v->reasons[0].code == REASON_DESTINATION &&
	       strncmp(v->reasons[0].detail, "no permit", 9) == 0;
}

static bool
text_is_closed(const char *text)
{
	size_t len = strlen(text);

	return len != 0 && strchr("?.", text[len - 1]) != NULL;
}

static void
refuse(const struct relying_question *q, const struct gate_domain *domain,
       const struct verdict *v, const struct err *err, char why[TELL_MAX])
{
	const char *name = name_of(domain);
	char because[RELYING_WHY_MAX] = "it has no permit. What to do";
	const char *then = ":";

	if (v == NULL || !has_no_permit(v)) {
		(void)relying_why(q, v, err, because);
		/* The permit is used up, or was never reached. */
		then = text_is_closed(because) ? " Then" : ". Then";
	}
	snprintf(
	    why, TELL_MAX,
	    "virt-attest: migration of '%s' refused: %s%s run 'virt-attest "
	    "permit %s qemu+tls://HOST/system', and migrate within its "
	    "time",
	    name, because, then, name);
}

bool
gate_lets_go(const char *socket, uint64_t deadline_ms,
             const struct gate_domain *domain, char why[TELL_MAX])
{
	const struct relying_question question = {
	    .socket = socket,
	    .domain = domain->name != NULL && text_is_printable(domain->name) &&
	                      strlen(domain->name) < ASKED_DOMAIN_MAX
	                  ? domain->name
	                  : NULL,
	    .uuid = domain->uuid,
	    .answer_ms = deadline_ms,
	};
	/* 20 KiB, not on the stack of a thread that is libvirt's. */
	struct verdict *verdict = mem_new(1, sizeof(*verdict));
	struct err err = {0};
	bool came = relying_ask(&question, verdict, &err);
	bool goes = came && relying_may_go(verdict);

	if (!goes)
		refuse(&question, domain, came ? verdict : NULL, &err, why);
	free(verdict);
	return goes;
}
