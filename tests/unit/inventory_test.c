/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list of hosts as CSV: what it may say, and where it is told to be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#undef fail /* the command has one of its own */

#include "csv.h"
#include "inventory.h"

#define EK_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define EK_B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

/* The fields of a text, '|' behind each, '/' behind a record, and at the end
 * what is wrong. */
static void
records_are(const char *text, const char *want)
{
	static struct csv_record record;
	struct csv csv = {span_str(text), 1};
	struct err err = {0};
	enum csv_got got;
	char all[1024] = "";
	size_t len = 0;

	while ((got = csv_read(&csv, &record, &err)) == CSV_RECORD) {
		for (size_t i = 0; i < record.n; i++)
			len += (size_t)snprintf(all + len, sizeof(all) - len,
			                        "%s|", record.fields[i]);
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%zu/",
		                        record.line);
	}
	if (got == CSV_BAD)
		snprintf(all + len, sizeof(all) - len, "%zu: %s", record.line,
		         err.text);
	assert_string_equal(all, want);
}

static void
test_csv(void **state)
{
	(void)state;
	records_are("", "");
	records_are("a", "a|1/");
	records_are("a,b\r\nc,d\r\n", "a|b|1/c|d|2/");
	records_are("a,b\nc,d", "a|b|1/c|d|2/");
	records_are(",\n", "||1/");
	records_are("\n\r\na\n\n", "a|3/");
	records_are("\"\"\n", "|1/");
	records_are("\"a,b\",\"c\"\"d\"\"\"\n", "a,b|c\"d\"|1/");
	/* A line that goes on is a record at the line where it begins. */
	records_are("\"a\r\nb\",c\ne\n", "a\r\nb|c|1/e|3/");
	records_are(" a , b\n", " a | b|1/");
	records_are("a,\"\"", "a||1/");
	records_are("a,", "a||1/");
}

static void
test_bad_csv(void **state)
{
	(void)state;
	records_are("a\nb\"c\n", "a|1/2: a quote inside an unquoted field");
	records_are("\"a\"b\n", "1: text behind the closing quote");
	records_are("\"a\" ,b\n", "1: text behind the closing quote");
	records_are("\"a\"\rb\n", "1: text behind the closing quote");
	records_are("a\n\"b\nc\n", "a|1/2: a quote that is never closed");
	records_are("\"", "1: a quote that is never closed");
	records_are("\"a\"\"", "1: a quote that is never closed");
	records_are("a\rb\n", "1: a carriage return alone");
	records_are("a\r", "1: a carriage return alone");
	records_are("1,2,3,4,5,6,7,8\n", "1|2|3|4|5|6|7|8|1/");
	records_are("1,2,3,4,5,6,7,8,\n", "1: a line has over 8 fields");
}

/* One byte more than fits, quoted and not; a zero byte. */
static void
test_bad_bytes(void **state)
{
	static struct csv_record record;
	char text[CSV_FIELD_SIZE + 4];
	struct err err;

	(void)state;
	for (size_t quoted = 0; quoted < 2; quoted++) {
		struct csv csv = {span_of(text, quoted + CSV_FIELD_SIZE - 1),
		                  1};

		memset(text, 'x', sizeof(text));
		if (quoted == 1) {
			text[0] = text[CSV_FIELD_SIZE] = '"';
			csv.rest.len++;
		}
		assert_int_equal(csv_read(&csv, &record, &err), CSV_RECORD);
		assert_int_equal(strlen(record.fields[0]), CSV_FIELD_SIZE - 1);
		text[CSV_FIELD_SIZE] = 'x';
		csv = (struct csv){span_of(text, quoted + CSV_FIELD_SIZE), 1};
		assert_int_equal(csv_read(&csv, &record, &err), CSV_BAD);
		assert_int_equal(err.code, ERR_LIMIT);
		csv = (struct csv){span_of(text, 3), 1};
		text[1] = '\0';
		assert_int_equal(csv_read(&csv, &record, &err), CSV_BAD);
		assert_string_equal(err.text, "a byte of zero");
	}
}

static void
test_hosts(void **state)
{
	static const char text[] =
	    "\xef\xbb\xbf"
	    "label,name,ek_sha256,address,group\r\n"
	    "\"row 1, rack \"\"7\"\"\",host-a," EK_A ",10.0.0.1:17000,blue\r\n"
	    "\r\n"
	    ",host-b,,[fe80::1]:99,\r\n"
	    ",host-c,,fe80::1,\r\n";
	struct inventory inventory;
	struct err err = {0};

	(void)state;
	assert_true(
	    inventory_parse(span_str(text), "hosts.csv", &inventory, &err));
	assert_int_equal(inventory.n, 3);
	assert_string_equal(inventory.hosts[0].name, "host-a");
	assert_string_equal(inventory.hosts[0].label, "row 1, rack \"7\"");
	assert_string_equal(inventory.hosts[0].ek, EK_A);
	assert_string_equal(inventory.hosts[0].address, "10.0.0.1:17000");
	assert_string_equal(inventory.hosts[0].group, "blue");
	assert_int_equal(inventory.hosts[0].outcome, OUTCOME_NOT_ASKED);
	assert_string_equal(inventory.hosts[1].ek, "");
	assert_string_equal(inventory.hosts[1].group, "");
	assert_int_equal(inventory.hosts[1].line, 4);
	inventory_done(&inventory);
	/* The names alone are enough. */
	assert_true(inventory_parse(span_str("name\na\nb"), "hosts.csv",
	                            &inventory, &err));
	assert_int_equal(inventory.n, 2);
	inventory_done(&inventory);
}

#define LONG_63  "12345678901234567890123456789012345678901234567890123456789012"
#define LONG_260 LONG_63 LONG_63 LONG_63 LONG_63 "123456789012"

static const struct {
	const char *text, *why;
} refused[] = {
    {"", "1: no line that names the columns"},
    {"\n\n", "3: no line that names the columns"},
    {"name\n", "2: no host in it"},
    {"address,group\na,b\n", "1: no column 'name'"},
    {"name,port\na,1\n",
     "1: port: no such column; there are name, address, ek_sha256, group and "
     "label"},
    {"name, address\na,b\n",
     "1:  address: no such column; there are name, address, ek_sha256, group "
     "and label"},
    {"name,\na,\n", "1: no such column; there are name, address, ek_sha256, "
                    "group and label"},
    {"name,\033[2J\na,\n", "1: (column): no such column; there are name, "
                           "address, ek_sha256, group and label"},
    {"name,name\na,b\n", "1: name: a column that is there already"},
    {"# hosts\nname\na\n",
     "1: # hosts: no such column; there are name, address, ek_sha256, group "
     "and label"},
    {"name,label\na,b\nc\n", "3: 1 fields for 2 columns"},
    {"name,label\na,b,c\n", "2: 3 fields for 2 columns"},
    {"name,label\n,b\n", "2: name: host name: 1 to 253 characters"},
    {"name\n" LONG_260 "\n", "2: name: host name: 1 to 253 characters"},
    {"name\n# a\n", "2: name: host name: letters, digits, '-', '.', '_', ':' "
                    "and no '-' first"},
    {"name\n-a\n", "2: name: host name: letters, digits, '-', '.', '_', ':' "
                   "and no '-' first"},
    {"name\nb\na\"\n", "3: a quote inside an unquoted field"},
    {"na\"me\n", "1: a quote inside an unquoted field"},
    {"name,address\na,b c\n", "2: address: host name: letters, digits, '-', "
                              "'.', '_', ':' and no '-' first"},
    {"name,address\na,b:0\n", "2: address: address: the port is 1 to 65535"},
    {"name,address\na,b:65536\n",
     "2: address: address: the port is 1 to 65535"},
    {"name,address\na,b:x\n", "2: address: address: the port is 1 to 65535"},
    {"name,address\na,[fe80::1\n", "2: address: address: no ']'"},
    {"name,address\na,:1\n", "2: address: host name: 1 to 253 characters"},
    {"name,ek_sha256\na,0011\n", "2: ek_sha256: not 64 hexadecimal digits"},
    {"name,ek_sha256\na," EK_A "0\n",
     "2: ek_sha256: not 64 hexadecimal digits"},
    {"name,ek_sha256\na," EK_A "00\n",
     "2: ek_sha256: not 64 hexadecimal digits"},
    {"name,ek_sha256\na,0x" EK_A "\n",
     "2: ek_sha256: not 64 hexadecimal digits"},
    {"name,group\na,b c\n", "2: group: host name: letters, digits, '-', '.', "
                            "'_', ':' and no '-' first"},
    {"name,label\na,\"b\nc\"\ne,f\n", "2: label: control characters"},
    {"name,label\na,\033[2J\n", "2: label: control characters"},
    {"name\na\nb\na\n", "4: name: the same as in line 2"},
    {"name\nhost-a\nHOST-A\n", "3: name: the same as in line 2"},
    {"name,ek_sha256\na," EK_B "\nb," EK_A "\nc," EK_B "\n",
     "4: ek_sha256: the same as in line 2"},
    {"name,ek_sha256\na," EK_A
     "\nb,00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF\n",
     "3: ek_sha256: the same as in line 2"},
};

static void
refuses(struct span text, const char *why)
{
	struct inventory inventory;
	struct err err = {0};
	char want[ERR_TEXT_MAX];

	snprintf(want, sizeof(want), "hosts.csv:%s", why);
	assert_false(inventory_parse(text, "hosts.csv", &inventory, &err));
	assert_string_equal(err.text, want);
	inventory_done(&inventory);
}

static void
test_refused(void **state)
{
	char text[512];

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(refused); i++)
		refuses(span_str(refused[i].text), refused[i].why);
	snprintf(text, sizeof(text), "name,label\na,%0*d\n", GOLDEN_LABEL_MAX,
	         0);
	refuses(span_str(text), "2: label: over 127 characters");
	snprintf(text, sizeof(text), "name,group\na,%0*d\n", GROUP_MAX, 0);
	refuses(span_str(text), "2: group: over 63 characters");
}

static void
test_too_many(void **state)
{
	AUTO(buf_done) struct buf text = {0};
	struct inventory inventory;
	struct err err = {0};
	char line[16];

	(void)state;
	buf_text(&text, "name\n");
	for (int i = 0; i < INVENTORY_HOSTS_MAX; i++) {
		snprintf(line, sizeof(line), "h%d\n", i);
		buf_text(&text, line);
	}
	assert_true(
	    inventory_parse(buf_span(&text), "hosts.csv", &inventory, &err));
	assert_int_equal(inventory.n, INVENTORY_HOSTS_MAX);
	inventory_done(&inventory);
	buf_text(&text, "one-more\n");
	refuses(buf_span(&text), "100002: over 100000 hosts");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_csv),       cmocka_unit_test(test_bad_csv),
	    cmocka_unit_test(test_bad_bytes), cmocka_unit_test(test_hosts),
	    cmocka_unit_test(test_refused),   cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
