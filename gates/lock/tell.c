/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tell.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

/* libvirt/virterror.h: VIR_FROM_LOCKING, VIR_ERR_OPERATION_DENIED ("operation
 * forbidden"), VIR_ERR_ERROR. */
enum { FROM_LOCKING = 42, OPERATION_DENIED = 29, LEVEL_ERROR = 2 };

/* Public libvirt has no way for a driver to set an error.  Its own drivers use
 * this one, private to it, with these arguments since 0.9.2 (its
 * src/util/virerror.h). */
typedef void raise_error(const char *file, const char *function, size_t line,
                         int domain, int code, int level, const char *text1,
                         const char *text2, const char *text3, int number1,
                         int number2, const char *format, ...);

/* virGetVersion() is public: of a libvirt whose way nobody has looked at we
 * use nothing private. */
typedef int get_version(unsigned long *version, const char *type,
                        unsigned long *type_version);
enum { KNOWN_FROM = 9002, KNOWN_BELOW = 13000000 };

static raise_error *
find_way(void)
{
	get_version *version_of =
	    (get_version *)dlsym(RTLD_DEFAULT, "virGetVersion");
	unsigned long version = 0;

	if (version_of == NULL || version_of(&version, NULL, NULL) != 0 ||
	    version < KNOWN_FROM || version >= KNOWN_BELOW)
		return NULL;
	return (raise_error *)dlsym(RTLD_DEFAULT, "virRaiseErrorFull");
}

int
tell(const char *format, ...)
{
	raise_error *raise = find_way();
	char text[TELL_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	if (raise != NULL)
		raise("virt-attest", __func__, __LINE__, FROM_LOCKING,
		      OPERATION_DENIED, LEVEL_ERROR, text, NULL, NULL, -1, -1,
		      "%s", text);
	else
		syslog(LOG_DAEMON | LOG_ERR, "%s", text);
	return -1;
}
