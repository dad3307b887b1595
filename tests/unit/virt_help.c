/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "virt_help.h"

const char *__tsan_default_suppressions(void);

/* The libraries are not built to be watched: their locks are not seen. */
const char *
__tsan_default_suppressions(void)
{
	return "race:libvirt.so\nrace:libglib-2.0.so\nrace:libgnutls.so\n";
}

struct endpoint *
opened(const char *uri)
{
	struct err err = {0};
	struct endpoint *e = endpoint_open(uri, &err);

	if (e == NULL)
		fail_msg("%s: %s", uri, err.text);
	return e;
}

void
check_said(const struct err *err, enum err_code code, const char *words)
{
	assert_int_equal(err->code, code);
	if (strstr(err->text, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, err->text);
}
