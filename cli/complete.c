/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"

#include <string.h>

enum { TOKEN_MAX = 64 };

static const struct {
	const char *word; /* as usages have it */
	unsigned kind;
} kinds[] = {
    {"HOST", COMPLETE_HOSTS},     {"ID", COMPLETE_GOLDENS},
    {"DOMAIN", COMPLETE_DOMAINS}, {"DEST_URI", COMPLETE_URIS},
    {"CHECK", COMPLETE_CHECKS},   {"FILE", COMPLETE_FILES},
    {"DIR", COMPLETE_FILES},      {"FOLDER", COMPLETE_FILES},
    {"SOCKET", COMPLETE_FILES},
};

static const struct {
	const char *name;
	bool argument;
} option_words[] = {
#define X(id, name, argument) {name, argument},
    OPTIONS(X)
#undef X
};

/* Those of virt-attest-pki (completion.sh compares them). */
static const struct {
	const char *name;
	bool argument;
} pki_words[] = {
    {"host", true},     {"verifier", true}, {"address", true},
    {"csr", true},      {"days", true},     {"ca-days", true},
    {"crl-days", true}, {"force", false},   {"keep-key", false},
    {"root", true},
};

bool
completes_safely(const char *word)
{
	return word[0] != '\0' &&
	       word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
	                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                         "0123456789._:/+@%-")] == '\0';
}

static void
offer(struct completion *c, const char *word)
{
	if (strncmp(word, c->typed, strlen(c->typed)) == 0)
		c->offer(c->arg, word);
}

/* An option with the dashes that it is written with. */
static void
offer_option(struct completion *c, const char *name)
{
	char word[TOKEN_MAX] = "--";

	if (text_copy(name, word + 2, sizeof(word) - 2))
		offer(c, word);
}

/* The i-th option that the command takes. */
static const char *
option_at(const struct command *command, size_t *i, bool *argument)
{
	if (command->options == PASSES_ALL && strcmp(command->name, "pki") != 0)
		return move_option_at(command->name, (*i)++, argument);
	if (command->options == PASSES_ALL) {
		if (*i == LENGTH_OF(pki_words))
			return NULL;
		*argument = pki_words[*i].argument;
		return pki_words[(*i)++].name;
	}
	while (*i < OPTION_COUNT && (command->options >> *i & 1) == 0)
		++*i;
	if (*i == OPTION_COUNT)
		return NULL;
	*argument = option_words[*i].argument;
	return option_words[(*i)++].name;
}

/* A usage, word by word. */
struct usage {
	const char *at;
	char option[TOKEN_MAX]; /* whose value `token` is; "": none's */
	char token[TOKEN_MAX];
	bool one_of; /* "make|ca": a word to be typed as it is */
};

static bool
is_small(const char *token)
{
	return token[strspn(token, "abcdefghijklmnopqrstuvwxyz-")] == '\0';
}

static bool
usage_next(struct usage *u)
{
	bool before = false;
	size_t len;

	if (u->token[0] == '-')
		memcpy(u->option, u->token, sizeof(u->option));
	else
		u->option[0] = '\0';
	for (len = strcspn(u->at, " []{}|,.()"); len == 0;
	     len = strcspn(u->at, " []{}|,.()")) {
		if (*u->at == '\0')
			return false;
		before = *u->at == '|' || (before && *u->at == ' ');
		if (*u->at != ' ')
			u->option[0] = '\0';
		u->at++;
	}
	if (len >= sizeof(u->token))
		len = sizeof(u->token) - 1;
	memcpy(u->token, u->at, len);
	u->token[len] = '\0';
	u->at += len;
	u->one_of = is_small(u->token) && u->token[0] != '-' &&
	            (before || *u->at == '|' || u->option[0] != '\0');
	return true;
}

/* What the usage has for the value of `option`, or with "" for a word. */
static void
offer_by_usage(struct completion *c, const struct command *command,
               const char *option)
{
	struct usage u = {.at = command->usage};

	while (usage_next(&u)) {
		if (strcmp(u.option, option) != 0)
			continue;
		if (u.one_of)
			offer(c, u.token);
		for (size_t i = 0; i < LENGTH_OF(kinds); i++)
			if (strcmp(kinds[i].word, u.token) == 0)
				c->kinds |= kinds[i].kind;
	}
}

/* The word at `at` of those that the name has; NULL: it has no such. */
static const char *
name_word(const char *name, size_t at, char word[TOKEN_MAX])
{
	size_t len;

	for (; at > 0; at--) {
		name += strcspn(name, " ");
		name += *name == ' ';
	}
	len = strcspn(name, " ");
	if (len == 0 || len >= TOKEN_MAX)
		return NULL;
	memcpy(word, name, len);
	word[len] = '\0';
	return word;
}

/* The words that may stand behind `first`, or (NULL) at the beginning. */
static void
offer_names(struct completion *c, const char *first)
{
	char last[TOKEN_MAX] = "", word[TOKEN_MAX];

	for (size_t i = 0; i < commands_n; i++) {
		const char *name = commands[i].name;

		if (first != NULL && (name_word(name, 0, word) == NULL ||
		                      strcmp(word, first) != 0))
			continue;
		if (name_word(name, first != NULL, word) == NULL ||
		    strcmp(word, last) == 0)
			continue;
		memcpy(last, word, sizeof(last));
		offer(c, word);
	}
}

/* Commands of one name stand one behind the other. */
static const struct command *
next_form(const struct command *c)
{
	return c + 1 < commands + commands_n && strcmp(c->name, c[1].name) == 0
	           ? c + 1
	           : NULL;
}

/* Whether this word takes the next one as its value. */
static bool
takes_value(const struct command *command, const char *word)
{
	const char *name;
	bool argument;

	if (strcmp(word, "-c") == 0)
		return command->options == PASSES_ALL;
	for (; command != NULL; command = next_form(command))
		for (size_t i = 0;
		     (name = option_at(command, &i, &argument)) != NULL;)
			if (argument && strncmp(word, "--", 2) == 0 &&
			    strcmp(name, word + 2) == 0)
				return true;
	return false;
}

static void
offer_within(struct completion *c, const struct command *command,
             const char *option)
{
	for (; command != NULL; command = next_form(command)) {
		const char *name;
		bool argument;

		if (option[0] != '\0' || c->typed[0] != '-') {
			offer_by_usage(c, command, option);
			continue;
		}
		for (size_t i = 0;
		     (name = option_at(command, &i, &argument)) != NULL;)
			offer_option(c, name);
	}
	if (option[0] == '\0' && c->typed[0] == '-')
		offer(c, "--help");
}

/* "--option=value": the one as if it stood before, the other typed. */
static void
split_value(struct completion *c, const struct command *command,
            char option[TOKEN_MAX])
{
	size_t len = strcspn(c->typed, "=");

	if (strncmp(c->typed, "--", 2) != 0 || c->typed[len] != '=' ||
	    len >= TOKEN_MAX)
		return;
	memcpy(option, c->typed, len);
	option[len] = '\0';
	if (takes_value(command, option))
		c->typed += len + 1;
	else
		option[0] = '\0';
}

static void
look_for_connect(struct completion *c, char **words, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (strcmp(words[i], "-c") == 0 ||
		    strcmp(words[i], "--connect") == 0)
			c->connect = words[i + 1];
		else if (strncmp(words[i], "--connect=", 10) == 0)
			c->connect = words[i] + 10;
}

void
complete(struct completion *c, char **words, size_t n)
{
	const struct command *command;
	char option[TOKEN_MAX] = "";
	int used = 0;

	c->typed = n != 0 ? words[n - 1] : "";
	if (n > 2 && strcmp(words[0], "-S") == 0) {
		c->socket = words[1];
		words += 2;
		n -= 2;
	}
	if (n > 1 && strcmp(words[n - 2], "-S") == 0) {
		c->kinds = COMPLETE_FILES;
		return;
	}
	if (n > 1 && strcmp(words[0], "help") == 0) {
		offer_names(c, NULL);
		return;
	}
	command = n > 1 ? command_of(words, (int)n - 1, &used) : NULL;
	if (command == NULL || (n == 2 && used == 1))
		offer_names(c, n > 1 ? words[0] : NULL);
	if (command == NULL && n < 2) {
		offer(c, "help");
		if (c->typed[0] == '-') {
			offer(c, "-S");
			offer(c, "--help");
			offer(c, "--version");
		}
	}
	if (command == NULL)
		return;
	look_for_connect(c, words, n);
	if ((int)n - 2 < used || !takes_value(command, words[n - 2]) ||
	    !text_copy(words[n - 2], option, sizeof(option)))
		split_value(c, command, option);
	offer_within(c, command, option);
}
