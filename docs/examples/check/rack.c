/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A check of one's own: hosts are called RACK-NUMBER, and a domain that leaves
 * its rack is worth a word.  docs/CHECKS.md has the rules. */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>
#include <virt-attest/check.h>

/* The name of a host's rack; 0: it cannot be told. */
static int
rack_of(struct json_object *facts, const char *end, char *rack, size_t size)
{
	struct json_object *host, *name;
	const char *text;
	size_t len;

	if (!json_object_object_get_ex(facts, end, &host) ||
	    !json_object_object_get_ex(host, "hostname", &name))
		return 0;
	text = json_object_get_string(name);
	len = strcspn(text, "-");
	if (len == 0 || text[len] == '\0' || len >= size)
		return 0;
	memcpy(rack, text, len);
	rack[len] = '\0';
	return 1;
}

static void
run(const char *text, struct virt_attest_result *result)
{
	struct json_object *facts = json_tokener_parse(text);
	char *from = result->source, *to = result->destination;

	if (!rack_of(facts, "source", from, sizeof(result->source)) ||
	    !rack_of(facts, "destination", to, sizeof(result->destination))) {
		result->outcome = VIRT_ATTEST_NOT_RUN;
		snprintf(result->text, sizeof(result->text),
		         "a host's name does not tell its rack");
	} else if (strcmp(from, to) == 0) {
		result->outcome = VIRT_ATTEST_PASS;
		snprintf(result->text, sizeof(result->text),
		         "both hosts are in one rack");
	} else {
		result->outcome = VIRT_ATTEST_WARN;
		snprintf(result->text, sizeof(result->text),
		         "the domain leaves its rack");
		snprintf(result->remedy, sizeof(result->remedy),
		         "choose a host whose name begins with it");
	}
	json_object_put(facts);
}

extern const struct virt_attest_check virt_attest_check;
const struct virt_attest_check virt_attest_check = {
    .version = VIRT_ATTEST_CHECK_VERSION,
    .id = "rack",
    .compares = "the racks of both hosts",
    .severity = VIRT_ATTEST_WARN,
    .run = run,
};
