/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is no XML of libvirt's, or too much of it, is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "virt/endpoint.h"

/* And `out` stays as it was. */
static void
check_refused(const char *xml, enum err_code code, const char *words)
{
	AUTO(arena_done) struct arena a = {0};
	struct domain_facts d = {.name = "before"};
	struct err err = {0};

	assert_false(domain_facts_parse(xml, &a, &d, &err));
	assert_int_equal(err.code, code);
	if (strstr(err.text, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, err.text);
	assert_string_equal(d.name, "before");
}

static void
test_no_xml(void **state)
{
	(void)state;
	check_refused("", ERR_MALFORMED, "domain XML");
	check_refused("nothing", ERR_MALFORMED, "line 1");
	check_refused("<domain><name>a</name>", ERR_MALFORMED, "domain XML");
	check_refused("<network><name>a</name></network>", ERR_MALFORMED,
	              "is not a <domain>");
	check_refused("<domain type='kvm'/>", ERR_MALFORMED, "no name");
	check_refused("<domain><name>a</name><vcpu>many</vcpu></domain>",
	              ERR_MALFORMED, "'many' of <vcpu>");
	check_refused("<domain><name>a</name><memory unit='KiX'>1</memory>"
	              "</domain>",
	              ERR_MALFORMED, "unit");
	check_refused("<domain><name>a</name><vcpu>99999999999</vcpu></domain>",
	              ERR_MALFORMED, "<vcpu>");
	check_refused("<domain><name>a</name><devices><hostdev type='usb'>"
	              "<source><vendor id='0x1046d'/><product id='0x1'/>"
	              "</source></hostdev></devices></domain>",
	              ERR_MALFORMED, "<vendor>");
}

static void
test_entities(void **state)
{
	(void)state;
	check_refused("<!DOCTYPE domain [<!ENTITY x SYSTEM "
	              "'file:///etc/hostname'>]>"
	              "<domain><name>&x;</name></domain>",
	              ERR_MALFORMED, "document type");
	check_refused("<!DOCTYPE domain><domain><name>a</name></domain>",
	              ERR_MALFORMED, "document type");
	check_refused("<domain><name>&x;</name></domain>", ERR_MALFORMED,
	              "domain XML");
}

/* `n` times `what` among a domain's devices. */
static char *
repeated(const char *before, const char *what, size_t n, const char *after)
{
	AUTO(buf_done) struct buf out = {0};

	buf_text(&out, before);
	for (size_t i = 0; i < n; i++)
		buf_text(&out, what);
	buf_text(&out, after);
	buf_u8(&out, 0);
	return strdup((char *)out.at);
}

#define OPEN  "<domain><name>a</name><devices>"
#define CLOSE "</devices></domain>"

static void
check_many(const char *what, size_t max)
{
	AUTO(arena_done) struct arena a = {0};
	char *fits = repeated(OPEN, what, max, CLOSE);
	char *over = repeated(OPEN, what, max + 1, CLOSE);
	struct domain_facts d = {0};
	struct err err = {0};

	if (!domain_facts_parse(fits, &a, &d, &err))
		fail_msg("%s: %s", what, err.text);
	check_refused(over, ERR_LIMIT, "domain XML");
	free(fits);
	free(over);
}

static void
test_many(void **state)
{
	(void)state;
	check_many("<disk type='file'/>", DISKS_MAX);
	check_many("<interface type='user'/>", NICS_MAX);
	check_many("<hostdev type='pci'/>", HOSTDEVS_MAX);
	check_many("<channel type='unix'/>", CHARDEVS_MAX);
	check_many("<filesystem/>", 256);
}

static void
test_deep(void **state)
{
	char *names =
	    repeated("<domain><name>a", "b", 5000, "</name></domain>");
	char *pins = repeated("<domain><name>a</name><cputune>",
	                      "<vcpupin vcpu='0' cpuset='1'/>", PINS_MAX + 1,
	                      "</cputune></domain>");
	char *tags = repeated("", "<domain>", 100000, "");
	char *long_one =
	    repeated("<domain><name>a</name><description>", "xxxxxxxx",
	             1024 * 1024, "</description></domain>");
	char *layers = repeated(OPEN "<disk type='file'>",
	                        "<backingStore type='file'><source file='/a'/>",
	                        BACKING_MAX + 1, "");
	char *closed = repeated(layers, "</backingStore>", BACKING_MAX + 1,
	                        "</disk>" CLOSE);

	(void)state;
	check_refused(pins, ERR_LIMIT, "pins");
	free(pins);
	check_refused(names, ERR_LIMIT, "<name>");
	check_refused(tags, ERR_MALFORMED, "domain XML");
	check_refused(long_one, ERR_LIMIT, "bytes");
	check_refused(closed, ERR_LIMIT, "layers");
	free(names);
	free(tags);
	free(long_one);
	free(layers);
	free(closed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_xml),
	    cmocka_unit_test(test_entities),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
