/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network gate's table, as nft tells it. */
#include <string.h>

#include "base/text.h"
#include "gateplan/ruleset.h"
#include "look_private.h"
#include "proto/json.h"
#include "sys/config.h"
#include "words.h"

#define NFT "/usr/sbin/nft"

struct asked {
	struct arena *arena;
	struct gate_net *net;
};

/* An element is a value, a prefix, or either with its time beside it. */
static const struct json *
value_of(const struct json *element)
{
	const struct json *inner = json_get(element, "elem");

	return inner != NULL ? json_get(inner, "val") : element;
}

/* What every table of ours has: it is no migration network. */
static bool
is_link_local(const struct json *element)
{
	const struct json *prefix = json_get(element, "prefix");
	const char *address =
	    prefix != NULL ? json_as_text(json_get(prefix, "addr")) : NULL;

	return address != NULL && (strcmp(address, "169.254.0.0") == 0 ||
	                           strcmp(address, "fe80::") == 0);
}

static void
take_cgroups(const struct asked *a, const struct json *elements)
{
	struct gate_net *net = a->net;

	for (size_t i = 0; i < json_count(elements); i++) {
		const char *text = json_as_text(value_of(json_at(elements, i)));

		if (text != NULL && net->n_cgroups < GATE_CGROUPS_MAX)
			net->cgroups[net->n_cgroups++] =
			    words_shown(a->arena, text);
	}
}

static void
take_set(const struct asked *a, const struct json *set)
{
	const char *name = json_as_text(json_get(set, "name"));
	const struct json *elements = json_get(set, "elem");
	size_t n = json_is_array(elements) ? json_count(elements) : 0;

	if (name == NULL || n == 0)
		return;
	if (strncmp(name, RULESET_ATTESTED, strlen(RULESET_ATTESTED)) == 0)
		a->net->attested += n;
	else if (strcmp(name, "users") == 0)
		a->net->users += n;
	else if (strcmp(name, "awake") == 0)
		a->net->awake = true;
	else if (strncmp(name, "cgroups", 7) == 0)
		take_cgroups(a, elements);
	else if (strncmp(name, "networks", 8) == 0)
		for (size_t i = 0; i < n; i++)
			a->net->networks +=
			    !is_link_local(value_of(json_at(elements, i)));
}

static void
take_chain(const struct asked *a, const struct json *chain)
{
	const char *hook = json_as_text(json_get(chain, "hook"));

	a->net->hooked |= hook != NULL && strcmp(hook, "output") == 0;
}

static void
take_rule(const struct asked *a, const struct json *rule)
{
	const struct json *expressions = json_get(rule, "expr");

	for (size_t i = 0; i < json_count(expressions); i++) {
		const struct json *one = json_at(expressions, i);
		const struct json *match = json_get(one, "match");
		const char *set = match != NULL
		                      ? json_as_text(json_get(match, "right"))
		                      : NULL;

		a->net->everybody |=
		    set != NULL && strcmp(set, "@" RULESET_EXCEPT) == 0;
		a->net->root_too |= set != NULL && strcmp(set, "@awake") == 0;
		a->net->refuses |= json_get(one, "reject") != NULL ||
		                   json_get(one, "drop") != NULL;
	}
}

static void
take(const struct asked *a, const struct json *one)
{
	if (json_get(one, "set") != NULL)
		take_set(a, json_get(one, "set"));
	else if (json_get(one, "chain") != NULL)
		take_chain(a, json_get(one, "chain"));
	else if (json_get(one, "rule") != NULL)
		take_rule(a, json_get(one, "rule"));
}

/* What nft answers; NULL, with `why`, when it is no answer. */
static struct json *
ask(struct arena *arena, const char *const argv[], const char **why)
{
	AUTO(buf_done) struct buf said = {0};
	struct err err = {0};
	struct json *root;

	if (!look_ask(arena, argv, &said, why))
		return NULL;
	root = json_parse(buf_span(&said), &err);
	if (root == NULL || !json_is_array(json_get(root, "nftables"))) {
		*why = "nft's answer is not understood";
		json_free(root);
		return NULL;
	}
	return root;
}

/* nft's words about a table that is not there are for people. */
static enum seen
is_there(struct arena *arena, const char **why)
{
	static const char *const argv[] = {NFT,      "-j",   "list",
	                                   "tables", "inet", NULL};
	AUTO(json_auto) struct json *root = ask(arena, argv, why);
	const struct json *list, *table;
	const char *name;

	if (root == NULL)
		return SEEN_NOT_KNOWN;
	list = json_get(root, "nftables");
	for (size_t i = 0; i < json_count(list); i++) {
		table = json_get(json_at(list, i), "table");
		name = table != NULL ? json_as_text(json_get(table, "name"))
		                     : NULL;
		if (name != NULL && strcmp(name, RULESET_NAME) == 0)
			return SEEN_YES;
	}
	return SEEN_NO;
}

struct read {
	struct config_list networks;
};

static const struct config_key keys[] = {
    {"networks", CONFIG_LIST, offsetof(struct read, networks), "", 0, 0, NULL},
};

static void
look_conf_of_net(struct arena *arena, struct gate_net *net)
{
	struct config_source from = {.shared = true};
	struct read read = {0};
	struct err err = {0};

	net->conf = look_at_file(arena, "/etc/virt-attest/gated.conf");
	if (!net->conf.exists)
		return;
	from.path = net->conf.path;
	if (!config_load(keys, LENGTH_OF(keys), &from, &read, &err))
		net->conf.why = words_shown(arena, err.text);
	net->named = read.networks.n;
	config_done(keys, LENGTH_OF(keys), &read);
}

void
look_net(struct arena *arena, struct gate_facts *f)
{
	static const char *const argv[] = {
	    NFT, "-j", "list", "table", "inet", RULESET_NAME, NULL};
	const struct asked asked = {arena, &f->net};
	AUTO(json_auto) struct json *root = NULL;
	const struct json *list;

	look_conf_of_net(arena, &f->net);
	f->net.runs = look_process("virt-attest-gated");
	f->net.table = is_there(arena, &f->net.why);
	if (f->net.table != SEEN_YES)
		return;
	root = ask(arena, argv, &f->net.why);
	if (root == NULL) {
		f->net.table = SEEN_NOT_KNOWN;
		return;
	}
	list = json_get(root, "nftables");
	for (size_t i = 0; i < json_count(list); i++)
		take(&asked, json_at(list, i));
}
