/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/certify.h"

/* clockInfo and firmwareVersion: of no interest beside a quote's own. */
enum { CLOCK_AND_FIRMWARE = 8 + 4 + 4 + 1 + 8 };

bool
certify_read(struct span attest, struct certify *c, struct err *err)
{
	struct reader r = reader_of(attest);

	*c = (struct certify){0};
	c->magic = reader_u32(&r);
	c->type = reader_u16(&r);
	c->signer = reader_sized(&r);
	c->extra = reader_sized(&r);
	(void)reader_bytes(&r, CLOCK_AND_FIRMWARE);
	c->name = reader_sized(&r);
	c->qualified = reader_sized(&r);
	c->trailing = r.rest.len;
	if (r.bad) {
		*c = (struct certify){.magic = c->magic, .type = c->type};
		return err_set(err, ERR_MALFORMED,
		               "certification: no TPMS_ATTEST of one, at "
		               "offset %zu of %zu",
		               r.offset, attest.len);
	}
	return true;
}
