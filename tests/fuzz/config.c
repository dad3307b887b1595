/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a configuration file: what is accepted is within its limits, and
 * what is refused says where. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/span.h"
#include "sys/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);
const char *__lsan_default_suppressions(void);

/* libconfig's scanner forgets a text whose end is not there; the program that
 * reads such a file ends with the error. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

struct values {
	char *text;
	uint64_t number;
	struct config_list list;
};

#define AT(field) offsetof(struct values, field)
static const struct config_key keys[] = {
    {"tcti", CONFIG_TEXT, AT(text), "device:/dev/tpmrm0", 0, 0, NULL},
    {"max_clients", CONFIG_NUMBER, AT(number), "64", 1, 4096, NULL},
    {"allowed_verifiers", CONFIG_LIST, AT(list), "", 0, 0, NULL},
};

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static int fd = -1;
	static char path[32];
	const struct config_source from = {.path = path};
	struct values values = {0};
	struct err err = {0};

	if (fd < 0) {
		fd = memfd_create("config", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) != 0 || pwrite(fd, at, len, 0) != (ssize_t)len)
		abort();
	if (!config_load(keys, LENGTH_OF(keys), &from, &values, &err)) {
		if (err.text[0] == '\0')
			abort();
	} else if (values.number < 1 || values.number > 4096 ||
	           values.text == NULL) {
		abort();
	}
	config_done(keys, LENGTH_OF(keys), &values);
	return 0;
}
