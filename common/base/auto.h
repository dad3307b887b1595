/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words for the compiler: who frees, what must be looked at. */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

/* Run `done` on the variable's address when it goes out of scope. */
#define AUTO(done) __attribute__((cleanup(done)))

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
