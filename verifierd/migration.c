/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "migration.h"

#include <string.h>
#include <strings.h>

static struct span
der_of(const struct attester *a)
{
	return span_of(a->migration_ca.at, a->migration_ca.len);
}

/* The one attested key of this kind; NULL when there is none. */
static const struct endpoint_key *
attested_key(const struct attester *a, size_t *n)
{
	const struct endpoint_key *key = NULL;

	*n = 0;
	for (size_t i = 0; i < a->endpoints.n; i++) {
		if (strcmp(a->endpoints.keys[i].kind, MIGRATION_CA_KIND) != 0)
			continue;
		key = &a->endpoints.keys[i];
		(*n)++;
	}
	return key;
}

static bool
is_of_host(const struct migration_host *m, const char *name)
{
	const char *known[] = {m->host->name, m->host->address};

	/* Covers() in both directions: the same name or address. */
	for (size_t i = 0; i < LENGTH_OF(known); i++)
		if (migration_ca_covers(name, known[i]) &&
		    migration_ca_covers(known[i], name))
			return true;
	return m->certified(m->arg, name);
}

static bool
signs_for_host(const struct migration_host *m, const struct migration_ca *ca,
               struct err *err)
{
	for (size_t i = 0; i < ca->n_names; i++)
		if (!is_of_host(m, ca->names[i]))
			return err_set(err, ERR_PEER,
			               "migration CA: it may sign for '%.80s', "
			               "which is no name of '%.80s'",
			               ca->names[i], m->host->name);
	return true;
}

static bool
is_attested(const struct attester *a, const struct migration_ca *ca,
            struct err *err)
{
	size_t n;
	const struct endpoint_key *key = attested_key(a, &n);

	if (n == 1 && memcmp(key->sha256, ca->key_sha256, SHA256_SIZE) == 0)
		return true;
	return err_set(err, ERR_PEER,
	               "migration CA: its key is not the one that the TPM "
	               "signs for");
}

static bool
is_in_time(const struct migration_host *m, const struct migration_ca *ca,
           struct err *err)
{
	if (ca->not_before_s <= m->now_s && m->now_s < ca->not_after_s)
		return true;
	return err_set(err, ERR_PEER,
	               "migration CA: %s: make one with 'virt-attest pki "
	               "migration'",
	               m->now_s < ca->not_before_s ? "it is not valid yet"
	                                           : "it has ended");
}

bool
migration_agrees(const struct migration_host *m, struct err *err)
{
	struct migration_ca ca;
	struct err why = {0};
	size_t n;

	if (m->host->migration_ca.len == 0) {
		(void)attested_key(m->host, &n);
		return n == 0 ||
		       err_set(err, ERR_PEER,
		               "migration CA: the host attests a key of one, "
		               "and shows no certificate");
	}
	if (!migration_ca_read(der_of(m->host), &ca, &why))
		return err_set(
		    err, ERR_PEER, "%s%s",
		    why.code == ERR_PEER ? "" : "migration CA: ", why.text);
	return is_attested(m->host, &ca, err) && is_in_time(m, &ca, err) &&
	       signs_for_host(m, &ca, err);
}

/* Whether `a` could sign in the name of `b`. */
static bool
keeps_off(const struct attester *a, const struct attester *b, struct err *err)
{
	const char *names[] = {b->name, b->address};
	struct migration_ca ca;

	if (a->migration_ca.len == 0)
		return true;
	if (!migration_ca_read(der_of(a), &ca, err))
		return false;
	for (size_t i = 0; i < ca.n_names; i++)
		for (size_t j = 0; j < LENGTH_OF(names); j++)
			if (migration_ca_covers(ca.names[i], names[j]))
				return err_set(
				    err, ERR_PEER,
				    "migration CA: that of '%.70s' could sign "
				    "for '%.70s', a name of '%.70s'",
				    a->name, names[j], b->name);
	return true;
}

/* One machine under two names: it has one CA for both.  The same key in one TPM
 * says so, or will have said so before the enrolment is kept. */
static bool
same_machine(const struct attester *a, const struct attester *b)
{
	return strcasecmp(a->name, b->name) == 0 ||
	       (a->ak.len != 0 && span_eq(span_of(a->ak.at, a->ak.len),
	                                  span_of(b->ak.at, b->ak.len)));
}

bool
migration_apart(const struct attester *a, const struct attester *b,
                struct err *err)
{
	return same_machine(a, b) ||
	       (keeps_off(a, b, err) && keeps_off(b, a, err));
}

struct crowd {
	const struct attester *host;
	struct err *err;
	bool apart;
};

static bool
stands_apart(void *arg, const struct attester *other)
{
	struct crowd *c = arg;

	c->apart = migration_apart(c->host, other, c->err);
	return c->apart;
}

bool
migration_apart_from_all(struct verifierd *v, const struct attester *host,
                         struct err *err)
{
	struct crowd c = {host, err, true};

	return store_hosts(v->store, stands_apart, &c, err) && c.apart;
}
