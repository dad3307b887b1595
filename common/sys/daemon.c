/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/daemon.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_EXTRA = 256 };

static bool
usage_error(const struct daemon_options *o, const char *why, int *status)
{
	fprintf(stderr, "%s: %s\nusage: %s\n", o->program, why, o->usage);
	*status = 1;
	return false;
}

static bool
take_option(struct daemon_options *o, int option, int *status)
{
	switch (option) {
	case 'c':
		o->config = optarg;
		return true;
	case 'o':
		if (o->n_overrides == OVERRIDES_MAX)
			return usage_error(o, "too many -o", status);
		o->overrides[o->n_overrides++] = optarg;
		return true;
	case 'd':
		o->foreground = true;
		return true;
	case OPTION_EXTRA:
		o->extra = true;
		return true;
	case 'h':
		printf("usage: %s\n", o->usage);
		break;
	case 'V':
		printf("%s %s\n", o->program, VIRT_ATTEST_VERSION);
		break;
	default:
		return usage_error(o, "wrong option", status);
	}
	*status = 0;
	return false;
}

bool
daemon_options_read(struct daemon_options *o, int argc, char **argv,
                    int *status)
{
	const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"option", required_argument, NULL, 'o'},
	    {"debug", no_argument, NULL, 'd'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {o->extra_name, no_argument, NULL, OPTION_EXTRA},
	    {NULL, 0, NULL, 0},
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "c:o:dhV", options, NULL)) !=
	       -1)
		if (!take_option(o, option, status))
			return false;
	if (optind < argc)
		return usage_error(o, "no arguments are taken", status);
	return true;
}

bool
daemon_config_load(const struct daemon_options *o,
                   const struct config_key *keys, size_t n_keys, void *into,
                   struct err *err)
{
	struct config_source from = {
	    .path = o->config,
	    .overrides = o->overrides,
	    .n_overrides = o->n_overrides,
	};

	if (from.path == NULL && access(o->default_config, F_OK) == 0)
		from.path = o->default_config;
	return config_load(keys, n_keys, &from, into, err);
}
