/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of check, migrate and permit: our own, and virsh migrate's by the
 * table of the floor that knows libvirt. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complete.h"
#include "move_private.h"
#include "screen.h"
#include "sys/sys.h"

enum {
	CHECK = MOVE_CHECK,
	MIGRATE = MOVE_MIGRATE,
	PERMIT = MOVE_PERMIT,
	ALL = CHECK | MIGRATE | PERMIT,
};

enum own_kind { OWN_FLAG, OWN_TEXT, OWN_NUMBER, OWN_FILE, OWN_FORCE };

#define OWN(name, kind, of, field)                                             \
	{                                                                      \
		name, OWN_##kind, of, offsetof(struct move, field)             \
	}

/* `check --xml` is the domain, that of the others what libvirt makes of it
 * there. */
static const struct own_option {
	const char *name;
	enum own_kind kind;
	int of;
	size_t offset; /* in struct move */
} own[] = {
    OWN("connect", TEXT, ALL, connect),
    OWN("force", FORCE, ALL, force),
    OWN("json", FLAG, ALL, json),
    OWN("verbose", FLAG, ALL, verbose),
    OWN("jobs", NUMBER, CHECK | MIGRATE, jobs),
    OWN("xml", FILE, CHECK, xml),
    OWN("all-hosts", FLAG, CHECK, all_hosts),
    OWN("evacuate", TEXT, CHECK, destination_uri),
    OWN("all", FLAG, MIGRATE, all),
    OWN("timeout", NUMBER, MIGRATE, timeout_s),
    OWN("timeout-suspend", FLAG, MIGRATE, timeout_suspend),
    OWN("timeout-postcopy", FLAG, MIGRATE, timeout_postcopy),
    OWN("seconds", NUMBER, PERMIT, seconds),
    OWN("unchecked", FLAG, PERMIT, unchecked),
    OWN("postcopy-after-precopy", FLAG, MIGRATE, postcopy_after_precopy),
};

enum {
	FIRST_OWN = 256,
	FIRST_LIBVIRT = 512,
	ALL_OPTIONS = LENGTH_OF(own) + MIGRATION_OPTIONS_MAX + 2,
	NUMBER_MAX = 1000000,
	/* Without --jobs.  Guests that move share a link. */
	JOBS_MIGRATE = 2,
	JOBS_CHECK = 8,
};

struct reading {
	struct move *move;
	int of; /* one of them */
	struct option options[ALL_OPTIONS];
};

static bool
is_own(const char *name, int of)
{
	for (size_t i = 0; i < LENGTH_OF(own); i++)
		if ((own[i].of & of) != 0 && strcmp(own[i].name, name) == 0)
			return true;
	return false;
}

static void
fill(struct reading *r)
{
	const struct migration_option *o;
	size_t n = 0;

	for (size_t i = 0; i < LENGTH_OF(own); i++)
		if ((own[i].of & r->of) != 0)
			r->options[n++] = (struct option){
			    .name = own[i].name,
			    .has_arg = own[i].kind == OWN_FLAG
			                   ? no_argument
			                   : required_argument,
			    .val = FIRST_OWN + (int)i,
			};
	for (size_t i = 0; (o = migration_option_at(i)) != NULL; i++)
		if (!is_own(o->name, r->of))
			r->options[n++] = (struct option){
			    .name = o->name,
			    .has_arg = o->kind == MIGRATION_FLAG
			                   ? no_argument
			                   : required_argument,
			    .val = FIRST_LIBVIRT + (int)i,
			};
	r->options[n] = (struct option){"help", no_argument, NULL, 'h'};
}

const char *
move_option_at(const char *command, size_t i, bool *argument)
{
	struct reading r = {.of = command[0] == 'c'   ? CHECK
	                          : command[0] == 'm' ? MIGRATE
	                                              : PERMIT};

	fill(&r);
	if (i >= ALL_OPTIONS)
		return NULL;
	*argument = r.options[i].has_arg != no_argument;
	return r.options[i].name;
}

static bool
read_text(struct move *move, const char *path, const char **out,
          struct err *err)
{
	AUTO(buf_done) struct buf text = {0};

	if (!sys_read_file(path, MOVE_XML_MAX, &text, err))
		return false;
	if (text.len == 0 || memchr(text.at, '\0', text.len) != NULL)
		return err_set(err, ERR_MALFORMED, "%.200s: empty, or no text",
		               path);
	buf_u8(&text, '\0');
	*out = arena_text(&move->arena, (const char *)text.at);
	return true;
}

/* "machine,cpu", and as often as one likes. */
static bool
add_forced(struct move *move, const char *ids, struct err *err)
{
	size_t size = strlen(ids) + 1;
	char *rest = arena_new(&move->arena, size, 1), *id;

	snprintf(rest, size, "%s", ids);
	while ((id = strsep(&rest, ",")) != NULL) {
		if (move->n_force == FORCED_MAX)
			return err_set(err, ERR_LIMIT,
			               "more than %d checks forced",
			               FORCED_MAX);
		move->force[move->n_force++] = id;
	}
	return true;
}

static bool
take_own(struct move *move, const struct own_option *o, const char *value,
         struct err *err)
{
	void *field = (char *)move + o->offset;

	switch (o->kind) {
	case OWN_FLAG:
		*(bool *)field = true;
		return true;
	case OWN_TEXT:
		*(const char **)field = value;
		return true;
	case OWN_NUMBER:
		return text_u64(value, NUMBER_MAX, field) ||
		       err_set(err, ERR_CONFIG, "--%s takes a number to %d",
		               o->name, NUMBER_MAX);
	case OWN_FILE:
		return read_text(move, value, field, err);
	case OWN_FORCE:
		return add_forced(move, value, err);
	}
	return false;
}

static bool
take_libvirt(struct move *move, size_t i, const char *value, struct err *err)
{
	if (migration_option_at(i)->kind == MIGRATION_FILE &&
	    !read_text(move, value, &value, err))
		return false;
	return migration_set(&move->how, i, value, err);
}

static bool
take(struct move *move, int option, const char *value, struct err *err)
{
	if (value == NULL)
		value = "";
	if (option >= FIRST_LIBVIRT)
		return take_libvirt(move, (size_t)(option - FIRST_LIBVIRT),
		                    value, err);
	if (option >= FIRST_OWN && option < FIRST_OWN + (int)LENGTH_OF(own))
		return take_own(move, &own[option - FIRST_OWN], value, err);
	move->connect = value; /* -c, as virsh has it */
	return true;
}

/* Options that say nothing without, or beside, another one, as virsh has it:
 * one that would be passed over in silence is refused. */
static const struct rule {
	const char *option;
	bool needs; /* else the two exclude each other */
	const char *other;
} rules[] = {
    {"timeout", true, "live"},
    {"timeout-suspend", true, "timeout"},
    {"timeout-postcopy", true, "timeout"},
    {"timeout-postcopy", true, "postcopy"},
    {"postcopy-after-precopy", true, "postcopy"},
    {"persistent-xml", true, "persistent"},
    {"tls-destination", true, "tls"},
    {"timeout-suspend", false, "timeout-postcopy"},
    {"live", false, "offline"},
};

static bool
is_given(const struct move *move, const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(own); i++) {
		const void *field = (const char *)move + own[i].offset;

		if (strcmp(own[i].name, name) == 0)
			return own[i].kind == OWN_FLAG
			           ? *(const bool *)field
			           : own[i].kind == OWN_NUMBER &&
			                 *(const uint64_t *)field != 0;
	}
	return migration_value(&move->how, name) != NULL;
}

static bool
fits(const struct move *move, struct err *err)
{
	for (size_t i = 0; i < LENGTH_OF(rules); i++) {
		const struct rule *r = &rules[i];

		if (is_given(move, r->option) &&
		    is_given(move, r->other) != r->needs)
			return err_set(
			    err, ERR_CONFIG, "--%s goes %s --%s", r->option,
			    r->needs ? "only with" : "not with", r->other);
	}
	return true;
}

/* What is not an option: DOMAIN DEST_URI [MIGRATEURI], less what options say
 * in their place. */
static bool
take_words(struct move *move, int n, char **words, struct err *err)
{
	size_t i = 0;

	move->evacuate = move->destination_uri != NULL;
	if (move->xml == NULL && !move->all && !move->evacuate && n > 0) {
		move->domain = *words++;
		n--;
	}
	if (!move->all_hosts && !move->evacuate && n > 0) {
		move->destination_uri = *words++;
		n--;
	}
	while (migration_option_at(i) != NULL &&
	       strcmp(migration_option_at(i)->name, "migrateuri") != 0)
		i++;
	if (n > 0 && move->destination_uri != NULL && !move->evacuate) {
		n--;
		if (!migration_set(&move->how, i, *words++, err))
			return false;
	}
	return (n == 0 &&
	        (move->domain != NULL || move->xml != NULL || move->all ||
	         move->evacuate) &&
	        (move->destination_uri != NULL || move->all_hosts)) ||
	       err_set(err, ERR_CONFIG,
	               n > 0 ? "'%.60s' is a word too many"
	                     : "a domain and a destination URI are needed",
	               n > 0 ? *words : "");
}

static void
print_move_usage(FILE *to, const struct reading *r, bool all)
{
	const char *name = r->move->cli->command;
	size_t columns = screen_columns(fileno(to)), at;
	char word[64];

	for (size_t i = 0; i < commands_n; i++)
		if (strcmp(commands[i].name, name) == 0)
			print_command_usage(to, &commands[i]);
	if (!all) {
		fprintf(to, "'virt-attest %s --help' has the options\n", name);
		return;
	}
	if (columns == 0)
		columns = SCREEN_USUAL;
	at = (size_t)fprintf(to, "options:");
	for (size_t i = 0; r->options[i].name != NULL; i++) {
		snprintf(word, sizeof(word), " --%s%s", r->options[i].name,
		         r->options[i].has_arg == no_argument ? "" : "=...");
		at = print_wrapped(to, columns, 9, at, word);
	}
	fprintf(to, "\n");
}

static bool
not_taken(const struct reading *r, const char *word, struct err *err)
{
	size_t len = strcspn(word, "=");

	for (size_t i = 0; i < LENGTH_OF(own); i++)
		if ((own[i].of & r->of) == 0 && len > 2 &&
		    strlen(own[i].name) == len - 2 &&
		    strncmp(word, "--", 2) == 0 &&
		    strncmp(own[i].name, word + 2, len - 2) == 0)
			return err_set(err, ERR_CONFIG,
			               "--%s: only 'virt-attest %s' takes it",
			               own[i].name,
			               own[i].of == PERMIT    ? "permit"
			               : own[i].of == MIGRATE ? "migrate"
			                                      : "check");
	return err_set(err, ERR_CONFIG, "%.60s: no such option, or no value",
	               word);
}

static bool
read_all(struct reading *r, int argc, char **argv, int *status, struct err *err)
{
	int got;

	optind = 0; /* getopt starts afresh */
	opterr = 0;
	while ((got = getopt_long(argc, argv, "c:h", r->options, NULL)) != -1) {
		if (got == 'h') {
			print_move_usage(stdout, r, true);
			*status = STATUS_DONE;
			return false;
		}
		if (got == '?')
			return not_taken(r, argv[optind - 1], err);
		if (!take(r->move, got, optarg, err))
			return false;
	}
	return take_words(r->move, argc - optind, argv + optind, err) &&
	       fits(r->move, err);
}

bool
move_read(struct move *move, struct cli *cli, enum move_for of, int *status)
{
	struct reading r = {.move = move, .of = (int)of};
	struct err err = {0};
	int argc = 0;

	*move = (struct move){.cli = cli,
	                      .jobs = of == MOVE_MIGRATE ? JOBS_MIGRATE
	                                                 : JOBS_CHECK,
	                      .seconds = PERMIT_S};
	*status = STATUS_FAILED;
	while (cli->words[argc] != NULL)
		argc++;
	fill(&r);
	/* words[-1] is the command's name, as argv[0] is a program's. */
	if (!read_all(&r, argc + 1, cli->words - 1, status, &err)) {
		if (err.code != ERR_NONE) {
			(void)fail(&err);
			print_move_usage(stderr, &r, false);
		}
		return false;
	}
	if (move->jobs < 1 || move->jobs > MOVE_JOBS_MAX) {
		err_set(&err, ERR_CONFIG, "--jobs takes 1 to %d",
		        MOVE_JOBS_MAX);
		(void)fail(&err);
		return false;
	}
	return true;
}

void
move_done(struct move *move)
{
	endpoint_free(move->source);
	arena_done(&move->arena);
}

void
move_leave(int status)
{
	bool told = fflush(stdout) == 0;

	_exit(told ? status : STATUS_FAILED);
}
