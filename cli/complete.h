/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a shell may offer for the word that is being typed, by the table of
 * commands, its usages and the options; what only the verifier, libvirt or the
 * shell can know is said by kind. */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli.h"

enum {
	COMPLETE_HOSTS = 1,
	COMPLETE_GOLDENS = 2,
	COMPLETE_DOMAINS = 4,
	COMPLETE_URIS = 8,
	COMPLETE_CHECKS = 16,
	COMPLETE_FILES = 32,
	COMPLETE_WORDS_MAX = 256,
};

struct completion {
	/* In: for what begins with the typed word. */
	void (*offer)(void *arg, const char *word);
	void *arg;
	/* Out. */
	const char *typed;   /* behind "--option=", if it is that */
	unsigned kinds;      /* to be asked for */
	const char *socket;  /* -S; NULL: the usual one */
	const char *connect; /* -c, --connect; NULL: libvirt's default */
};

/* `words` are those behind the program's name; the last is being typed. */
void complete(struct completion *, char **words, size_t n);

/* A word that a shell takes as it is, wherever it stands. */
bool completes_safely(const char *word);

/* completion.c */
int run_completion(struct cli *);

/* options.c: the longest name of a command that the words begin with. */
const struct command *command_of(char **words, int n, int *used);

/* move_options.c: the i-th option of check, migrate or permit; NULL: none. */
const char *move_option_at(const char *command, size_t i, bool *argument);

#endif
