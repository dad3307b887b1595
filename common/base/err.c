/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const classes[] = {
#define X(name, text) text,
    ERR_CODES(X)
#undef X
};

bool
err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return false;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return false;
}

const char *
err_class(enum err_code code)
{
	return (size_t)code < LENGTH_OF(classes) ? classes[code]
	                                         : classes[ERR_INTERNAL];
}

enum err_code
err_of_class(const char *class)
{
	for (size_t i = 0; i < LENGTH_OF(classes); i++)
		if (strcmp(class, classes[i]) == 0)
			return (enum err_code)i;
	return ERR_INTERNAL;
}
