/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates found in what an NV memory holds, and what a machine that goes
 * by a known name is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "evidence/attester.h"
#include "evidence/endorsement.h"

/* A SEQUENCE of `len` bytes, filled with `fill`, its length in as few octets as
 * they take. */
static void
add_sequence(struct buf *to, size_t len, uint8_t fill)
{
	buf_u8(to, 0x30);
	if (len < 0x80) {
		buf_u8(to, (uint8_t)len);
	} else if (len < 0x100) {
		buf_u8(to, 0x81);
		buf_u8(to, (uint8_t)len);
	} else {
		buf_u8(to, 0x82);
		buf_u16(to, (uint16_t)len);
	}
	for (size_t i = 0; i < len; i++)
		buf_u8(to, fill);
}

static void
add_padding(struct buf *to, size_t n, uint8_t with)
{
	while (n-- > 0)
		buf_u8(to, with);
}

static void
each_is_found_between_padding(void **state)
{
	static const size_t sizes[] = {0, 1, 0x7f, 0x80, 0xff, 0x100, 3000};
	static const size_t headers[] = {2, 2, 2, 3, 3, 4, 4};
	AUTO(buf_done) struct buf nv = {0};
	struct span left, found;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(sizes); i++) {
		add_padding(&nv, i, i % 2 == 0 ? 0x00 : 0xff);
		/* Their own last bytes may look like padding. */
		add_sequence(&nv, sizes[i], i % 2 == 0 ? 0x00 : 0xff);
	}
	add_padding(&nv, 500, 0xff);
	left = buf_span(&nv);
	for (size_t i = 0; i < LENGTH_OF(sizes); i++) {
		found = certificate_next(&left);
		assert_int_equal(found.len, headers[i] + sizes[i]);
		assert_int_equal(found.at[0], 0x30);
	}
	assert_int_equal(certificate_next(&left).len, 0);
	assert_int_equal(left.len, 0);
}

/* Cut at every byte, each cut in memory of just its size. */
static void
a_cut_one_is_none(void **state)
{
	AUTO(buf_done) struct buf whole = {0};

	(void)state;
	add_sequence(&whole, 300, 0x41);
	for (size_t n = 0; n < whole.len; n++) {
		uint8_t *cut = malloc(n != 0 ? n : 1);
		struct span left = span_of(cut, n);

		memcpy(cut, whole.at, n);
		assert_int_equal(certificate_next(&left).len, 0);
		assert_int_equal(left.len, 0);
		free(cut);
	}
}

static void
what_is_no_sequence_is_none(void **state)
{
	static const uint8_t bytes[][8] = {
	    {0x31, 0x02, 1, 2},             /* a SET */
	    {0x30, 0x80, 1, 2, 0, 0},       /* of indefinite length */
	    {0x30, 0x84, 0, 0, 0, 1, 7},    /* longer than any NV memory */
	    {0x30, 0x88, 0xff, 0xff, 0xff}, /* would overflow */
	    {0x10, 0x01, 0x00, 0x30, 0x00}, /* TPM 1.2's own header */
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bytes); i++) {
		struct span left = span_of(bytes[i], sizeof(bytes[i]));

		assert_int_equal(certificate_next(&left).len, 0);
	}
}

/* A machine with one EK, its certificate, and an AK, each told by a byte. */
static struct identity *
machine(uint8_t ek, uint8_t certificate, uint8_t ak)
{
	static struct identity id;

	id = (struct identity){.n_eks = 2};
	id.ak = (struct public_bytes){.len = 1, .at = {ak}};
	id.eks[0].public_area = (struct public_bytes){.len = 1, .at = {0xee}};
	id.eks[1].public_area = (struct public_bytes){.len = 1, .at = {ek}};
	id.eks[1].certificate.len = certificate != 0;
	id.eks[1].certificate.at[0] = certificate;
	return &id;
}

static struct attester
enrolled_as(const struct identity *id)
{
	const struct ek *ek = &id->eks[1];
	struct span area = span_of(ek->public_area.at, ek->public_area.len);
	struct span der = span_of(ek->certificate.at, ek->certificate.len);
	struct attester a = {.ak = id->ak};

	crypto_sha256(&area, 1, a.ek_sha256);
	if (der.len != 0)
		crypto_sha256(&der, 1, a.certificate.sha256);
	return a;
}

static void
likenesses_are_told_apart(void **state)
{
	const struct attester certified = enrolled_as(machine(1, 1, 1));
	const struct attester bare = enrolled_as(machine(1, 0, 1));

	(void)state;
	assert_int_equal(attester_likeness(&certified, machine(1, 1, 1), NULL),
	                 LIKENESS_SAME);
	assert_int_equal(attester_likeness(&certified, machine(1, 1, 2), NULL),
	                 LIKENESS_OTHER_AK);
	assert_int_equal(attester_likeness(&certified, machine(2, 1, 2), NULL),
	                 LIKENESS_RESEEDED);
	assert_int_equal(attester_likeness(&certified, machine(2, 2, 1), NULL),
	                 LIKENESS_OTHER_TPM);
	/* No certificate is nobody's. */
	assert_int_equal(attester_likeness(&bare, machine(2, 0, 1), NULL),
	                 LIKENESS_OTHER_TPM);
}

/* What it only shows is not taken for what it holds. */
static void
what_is_proved_decides(void **state)
{
	const struct attester a = enrolled_as(machine(1, 1, 1));
	uint8_t other[SHA256_SIZE] = {7};

	(void)state;
	assert_int_equal(attester_likeness(&a, machine(1, 1, 2), a.ek_sha256),
	                 LIKENESS_OTHER_AK);
	assert_int_equal(attester_likeness(&a, machine(1, 0, 2), other),
	                 LIKENESS_OTHER_TPM);
	assert_int_equal(attester_likeness(&a, machine(1, 1, 2), other),
	                 LIKENESS_RESEEDED);
	/* The AK lives with an EK that was not there at enrolment. */
	assert_int_equal(attester_likeness(&a, machine(2, 2, 1), other),
	                 LIKENESS_SAME);
}

/* Enrolled by its IAK's certificate, of which no EK has one. */
static void
an_iak_tells_a_machine_too(void **state)
{
	struct identity *id = machine(1, 0, 1);
	struct attester a;

	(void)state;
	a = enrolled_as(id);
	a.certificate.sha256[0] = 1;
	id = machine(2, 0, 1);
	id->n_iaks = 2;
	id->iaks[1].certificate = (struct certificate_bytes){1, {9}};
	assert_int_equal(attester_likeness(&a, id, NULL), LIKENESS_OTHER_TPM);
	crypto_sha256(&(struct span){id->iaks[1].certificate.at, 1}, 1,
	              a.certificate.sha256);
	assert_int_equal(attester_likeness(&a, id, NULL), LIKENESS_RESEEDED);
	id->n_iaks = 1;
	assert_int_equal(attester_likeness(&a, id, NULL), LIKENESS_OTHER_TPM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_is_found_between_padding),
	    cmocka_unit_test(a_cut_one_is_none),
	    cmocka_unit_test(what_is_no_sequence_is_none),
	    cmocka_unit_test(likenesses_are_told_apart),
	    cmocka_unit_test(what_is_proved_decides),
	    cmocka_unit_test(an_iak_tells_a_machine_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
