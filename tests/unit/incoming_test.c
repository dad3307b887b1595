/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a domain that comes in says of itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "incoming/incoming.h"

#define UUID "0b1a5b62-5a0e-4b6e-9c1d-1f2e3d4c5b6a"
#define ID   "<uuid>" UUID "</uuid>"
#define NS   " xmlns='urn:virt-attest:pass:1'"
#define META(xml)                                                              \
	"<domain type='kvm'>" ID "<metadata>" xml "</metadata></domain>"

static enum err_code
take(const char *xml, struct incoming *in)
{
	struct err err = {0};

	if (!incoming_read(span_str(xml), in, &err))
		assert_int_not_equal(err.code, ERR_NONE);
	return err.code;
}

static const struct {
	const char *xml, *pass;
} taken[] = {
    {META("<pass" NS ">a.b.c</pass>"), "a.b.c"},
    /* As virDomainSetMetadata() writes it. */
    {META("<virt-attest:pass xmlns:virt-attest='urn:virt-attest:pass:1'>"
          "\n a.b.c\n</virt-attest:pass>"),
     "a.b.c"},
    {META("<x xmlns='urn:x'><pass" NS ">deep</pass></x>"), ""},
    {META("<pass xmlns='urn:virt-attest:pass:2'>later</pass>"), ""},
    {META("<pass>nobody's</pass>"), ""},
    {META(""), ""},
    {"<domain>" ID "</domain>", ""},
    {"<domain>" ID "<pass" NS ">not in metadata</pass></domain>", ""},
};

static void
a_pass_has_its_place(void **state)
{
	struct incoming in;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(taken); i++) {
		assert_int_equal(take(taken[i].xml, &in), ERR_NONE);
		assert_string_equal(in.uuid, UUID);
		assert_string_equal(in.pass, taken[i].pass);
	}
}

static void
what_is_no_domain_is_refused(void **state)
{
	static const char *const refused[] = {
	    "",
	    "nonsense",
	    "<domain>" ID,
	    "<network>" ID "</network>",
	    "<domain xmlns='urn:x'>" ID "</domain>",
	    "<x:domain xmlns:x='urn:x'>" ID "</x:domain>",
	    "<domain/>",
	    "<domain><uuid>7</uuid></domain>",
	    "<domain>" ID ID "</domain>",
	    "<domain>" ID "<metadata/><metadata/></domain>",
	    META("<pass" NS ">a.b.c</pass><p:pass "
	         "xmlns:p='urn:virt-attest:pass:1'>d.e.f</p:pass>"),
	    "<!DOCTYPE domain><domain>" ID "</domain>",
	    "<!DOCTYPE d [<!ENTITY u '" UUID "'>]><domain><uuid>&u;</uuid>"
	    "</domain>",
	    "<domain><uuid>&u;</uuid></domain>",
	};
	struct incoming in;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(refused); i++)
		if (take(refused[i], &in) != ERR_MALFORMED)
			fail_msg("taken: %s", refused[i]);
}

static void
sizes_have_limits(void **state)
{
	static char xml[INCOMING_XML_MAX + 2];
	struct incoming in;
	char pass[PASS_MAX + 2] = "";

	(void)state;
	memset(pass, 'a', PASS_MAX);
	snprintf(xml, sizeof(xml), META("<pass" NS ">%s</pass>"), pass);
	assert_int_equal(take(xml, &in), ERR_NONE);
	assert_string_equal(in.pass, pass);
	pass[PASS_MAX] = 'a';
	snprintf(xml, sizeof(xml), META("<pass" NS ">%s</pass>"), pass);
	assert_int_equal(take(xml, &in), ERR_LIMIT);
	memset(xml, ' ', sizeof(xml) - 1);
	memcpy(xml, "<domain>" ID "</domain>",
	       sizeof("<domain>" ID "</domain>") - 1);
	assert_int_equal(take(xml, &in), ERR_LIMIT);
	xml[INCOMING_XML_MAX] = '\0';
	assert_int_equal(take(xml, &in), ERR_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pass_has_its_place),
	    cmocka_unit_test(what_is_no_domain_is_refused),
	    cmocka_unit_test(sizes_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
