/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scrape/scrape.h"

static const struct metric family = {
    METRIC_GAUGE,
    "virt_attest_expiry_timestamp_seconds",
    "seconds",
    false,
    "When this daemon's certificate, CA or revocation list runs out, as Unix "
    "time; the first, where there are several.",
};

static void
put(struct metrics *m, const char *what, uint64_t until_s)
{
	const struct metric_label labels[] = {{"what", what}, {NULL, NULL}};

	if (until_s != 0)
		metrics_put(m, labels, until_s);
}

void
scrape_put_dates(struct metrics *m, const struct tls *tls)
{
	struct tls_dates dates;

	tls_dates_look(tls, &dates);
	metrics_begin(m, &family);
	put(m, "certificate", dates.certificate_s);
	put(m, "ca", dates.ca_s);
	put(m, "crl", dates.crl_s);
}
