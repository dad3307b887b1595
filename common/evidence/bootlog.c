/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/bootlog.h"

#include <string.h>

#include "evidence/bootlog_type.h"

enum { SHA1_SIZE = 20 };

/* TCG_EfiSpecIdEvent's signatures: 03 is the crypto-agile format, 00 and 02
 * are the SHA-1 formats of TPM 1.2 (10.4.5.1), of which a log may have none. */
static const char spec_id[] = "Spec ID Event";

static bool
refuse(struct err *err, enum err_code code, size_t offset, const char *why)
{
	return err_set(err, code, "boot log at byte %zu: %s", offset, why);
}

bool
bootlog_is_likely(struct span log)
{
	struct reader r = reader_of(log);
	uint32_t pcr = reader_le32(&r), type = reader_le32(&r);

	return !r.bad && pcr < PCR_COUNT && (pcr != 0 || type != 0) &&
	       bootlog_type_name(type) != NULL;
}

static bool
all_are(struct span s, uint8_t byte)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] != byte)
			return false;
	return true;
}

static bool
has_algorithm(const struct bootlog *log, uint16_t alg, uint16_t *size)
{
	for (size_t i = 0; i < log->n_algorithms; i++)
		if (log->algorithms[i].alg == alg) {
			*size = log->algorithms[i].size;
			return true;
		}
	return false;
}

static bool
read_algorithm(struct bootlog *log, struct reader *r, size_t base,
               struct err *err)
{
	size_t at = base + r->offset, known;
	struct bootlog_algorithm a;
	uint16_t size;

	a.alg = reader_le16(r);
	a.size = reader_le16(r);
	if (r->bad)
		return refuse(err, ERR_MALFORMED, at,
		              "the list of algorithms is cut short");
	known = crypto_digest_size(a.alg);
	if (a.size == 0 || a.size > DIGEST_MAX ||
	    (known != 0 && a.size != known))
		return err_set(err, ERR_MALFORMED,
		               "boot log at byte %zu: algorithm 0x%04x has no "
		               "digests of %u bytes",
		               at, a.alg, a.size);
	if (has_algorithm(log, a.alg, &size))
		return refuse(err, ERR_MALFORMED, at,
		              "an algorithm is named twice");
	log->algorithms[log->n_algorithms++] = a;
	return true;
}

/* The rest of TCG_EfiSpecIdEvent; `base` is where it stands in the log. */
static bool
read_spec_id(struct bootlog *log, struct span data, size_t base,
             struct err *err)
{
	struct reader r = reader_of(data);
	uint32_t n;

	/* signature, platformClass, the specification's version, uintnSize */
	(void)reader_bytes(&r, sizeof(spec_id) + 2 + 4 + 4);
	n = reader_le32(&r);
	if (r.bad)
		return refuse(err, ERR_MALFORMED, base,
		              "the Spec ID event is cut short");
	if (n == 0 || n > BOOTLOG_ALGORITHMS_MAX)
		return err_set(err, n == 0 ? ERR_MALFORMED : ERR_LIMIT,
		               "boot log at byte %zu: %u algorithms: 1 to %d "
		               "are read",
		               base + r.offset - 4, n, BOOTLOG_ALGORITHMS_MAX);
	while (log->n_algorithms < n)
		if (!read_algorithm(log, &r, base, err))
			return false;
	(void)reader_bytes(&r, reader_u8(&r)); /* vendorInfo */
	if (!reader_is_done(&r))
		return refuse(err, ERR_MALFORMED, base + r.offset,
		              "the Spec ID event's sizes do not fit");
	return true;
}

static const struct bootlog_algorithm sha1 = {TPM_ALG_SHA1, SHA1_SIZE};

bool
bootlog_open(struct span bytes, struct bootlog *log, struct err *err)
{
	struct reader r = reader_of(bytes);
	uint32_t pcr, type;
	struct span data;
	uint8_t version;
	size_t base;

	*log = (struct bootlog){.rest = reader_of(bytes)};
	if (bytes.len > BOOTLOG_MAX)
		return refuse(err, ERR_LIMIT, BOOTLOG_MAX, "over 16 MiB");
	if (bytes.len == 0 || all_are(bytes, 0) || all_are(bytes, 0xff))
		return refuse(err, ERR_MALFORMED, 0, "there is no event");
	pcr = reader_le32(&r);
	type = reader_le32(&r);
	(void)reader_bytes(&r, SHA1_SIZE);
	data = reader_bytes(&r, reader_le32(&r));
	base = r.offset - data.len;
	/* A bad size is told of by the one who reads the event. */
	if (type != EV_NO_ACTION || data.len < sizeof(spec_id) + 2 ||
	    memcmp(data.at, spec_id, sizeof(spec_id) - 1) != 0) {
		log->algorithms[log->n_algorithms++] = sha1;
		return true;
	}
	version = data.at[sizeof(spec_id)];
	if (data.at[sizeof(spec_id) - 1] != '0' ||
	    data.at[sizeof(spec_id) + 1] != '\0' ||
	    (version != '0' && version != '2' && version != '3'))
		return refuse(err, ERR_UNSUPPORTED, base,
		              "a format that is not Spec ID Event03");
	if (pcr != 0)
		return refuse(err, ERR_MALFORMED, 0,
		              "the Spec ID event is not of PCR 0");
	if (version != '3') {
		log->algorithms[log->n_algorithms++] = sha1;
		return true;
	}
	log->agile = true;
	return read_spec_id(log, data, base, err);
}

/* One digest for each of the header's algorithms, in any order (10.2.2): a bank
 * that an event passes over would replay to what no TPM holds. */
static bool
read_digests(const struct bootlog *log, struct reader *r,
             struct bootlog_event *e, struct err *err)
{
	size_t at = r->offset;
	uint32_t n = reader_le32(r);

	if (!r->bad && n != log->n_algorithms)
		return err_set(err, ERR_MALFORMED,
		               "boot log at byte %zu: event %u has %u digests, "
		               "the log %zu algorithms",
		               at, e->number, n, log->n_algorithms);
	for (uint32_t i = 0; i < n && !r->bad; i++) {
		uint16_t alg, size = 0;

		at = r->offset;
		alg = reader_le16(r);
		if (!r->bad && !has_algorithm(log, alg, &size))
			return err_set(err, ERR_MALFORMED,
			               "boot log at byte %zu: event %u has a "
			               "digest of algorithm 0x%04x, which the "
			               "header does not name",
			               at, e->number, alg);
		for (uint32_t k = 0; k < i; k++)
			if (e->digests[k].alg == alg)
				return err_set(err, ERR_MALFORMED,
				               "boot log at byte %zu: event %u "
				               "has two digests of algorithm "
				               "0x%04x",
				               at, e->number, alg);
		e->digests[i].alg = alg;
		e->digests[i].value = reader_bytes(r, size);
	}
	e->n_digests = n;
	return true;
}

static bool
read_event(const struct bootlog *log, struct reader *r, struct bootlog_event *e,
           struct err *err)
{
	uint32_t size;
	size_t at;

	e->pcr = reader_le32(r);
	e->type = reader_le32(r);
	if (!r->bad && e->pcr >= PCR_COUNT)
		return err_set(err, ERR_MALFORMED,
		               "boot log at byte %zu: event %u is of PCR %u, "
		               "PCRs are 0 to %d",
		               e->offset, e->number, e->pcr, PCR_COUNT - 1);
	if (!log->agile || e->number == 0) {
		e->n_digests = 1;
		e->digests[0].alg = TPM_ALG_SHA1;
		e->digests[0].value = reader_bytes(r, SHA1_SIZE);
	} else if (!read_digests(log, r, e, err)) {
		return false;
	}
	at = r->offset;
	size = reader_le32(r);
	if (!r->bad && size > r->rest.len)
		return err_set(err, ERR_MALFORMED,
		               "boot log at byte %zu: event %u is cut short: "
		               "%u bytes of data, %zu are there",
		               at, e->number, size, r->rest.len);
	if (size > BOOTLOG_DATA_MAX)
		return err_set(err, ERR_LIMIT,
		               "boot log at byte %zu: event %u has %u bytes of "
		               "data, over %d",
		               at, e->number, size, BOOTLOG_DATA_MAX);
	e->data = reader_bytes(r, size);
	if (r->bad)
		return err_set(err, ERR_MALFORMED,
		               "boot log at byte %zu: event %u is cut short",
		               r->offset, e->number);
	return true;
}

enum { HEAD_SIZE = 8 }; /* PCR and type */

/* Only padding begins with a whole head of zeroes (type 0 is reserved, 10.4.1)
 * or of 0xff: so all of the rest is looked at no more than once. */
static enum bootlog_step
look_at_padding(const struct bootlog *log, struct err *err)
{
	struct span rest = log->rest.rest, head = rest;

	if (head.len > HEAD_SIZE)
		head.len = HEAD_SIZE;
	if (!all_are(head, 0) && !all_are(head, 0xff))
		return BOOTLOG_EVENT;
	if (all_are(rest, 0) || all_are(rest, 0xff))
		return BOOTLOG_END;
	refuse(err, ERR_MALFORMED, log->rest.offset,
	       "neither an event nor padding to the end");
	return BOOTLOG_REFUSED;
}

enum bootlog_step
bootlog_next(struct bootlog *log, struct bootlog_event *e, struct err *err)
{
	enum bootlog_step step = look_at_padding(log, err);
	struct reader r = log->rest;

	*e = (struct bootlog_event){.number = log->events, .offset = r.offset};
	if (step != BOOTLOG_EVENT)
		return step;
	if (log->events == BOOTLOG_EVENTS_MAX) {
		err_set(err, ERR_LIMIT, "boot log at byte %zu: over %d events",
		        r.offset, BOOTLOG_EVENTS_MAX);
		return BOOTLOG_REFUSED;
	}
	if (!read_event(log, &r, e, err)) {
		*e = (struct bootlog_event){0};
		return BOOTLOG_REFUSED;
	}
	log->rest = r;
	log->events++;
	return BOOTLOG_EVENT;
}
