/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the command lines of our daemons, and of whoever reads their
 * configuration, have in common. */
#ifndef SYS_DAEMON_H
#define SYS_DAEMON_H

#include "sys/config.h"

enum { OVERRIDES_MAX = 64 };

struct daemon_options {
	const char *program;
	const char
	    *default_config; /* read when it exists and -c is not given */
	const char *usage;
	const char *config;
	const char *overrides[OVERRIDES_MAX];
	size_t n_overrides;
	bool foreground;
	bool extra;             /* the program's own long option was given */
	const char *extra_name; /* its name, or NULL */
};

/* Reads the command line.  False: `*status` is what to exit with (0 for --help
 * and --version); whatever had to be said is printed. */
MUST_CHECK bool daemon_options_read(struct daemon_options *, int argc,
                                    char **argv, int *status);

/* config_load() from those options. */
MUST_CHECK bool daemon_config_load(const struct daemon_options *,
                                   const struct config_key *keys, size_t n_keys,
                                   void *into, struct err *);

#endif
