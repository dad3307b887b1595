/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* roots_vouch() and revocation lists: every list that is there counts, and
 * where there is none nothing is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_ca.h"

/* root -> middle -> ek, and a CA that has nothing to do with it. */
static const struct issued *root, *middle, *ek, *other;

static int
set_up(void **state)
{
	struct ca_spec spec = {.name = "root", .extensions = CA_EXTENSIONS};

	(void)state;
	root = ca_new(&spec);
	spec.name = "other";
	other = ca_new(&spec);
	spec.name = "middle";
	spec.by = root;
	middle = ca_new(&spec);
	ek = ca_new(&(struct ca_spec){
	    .name = "ek", .by = middle, .extensions = EK_ECC_EXTENSIONS});
	return 0;
}

/* The four ways in which the path and the lists can be there. */
enum { WAYS = 4 };

static struct asked
way(size_t i, const struct issued *one, const struct issued *two)
{
	switch (i) {
	case 0:
		return (struct asked){
		    .roots = {root, one, two}, .chain = {middle}, .leaf = ek};
	case 1:
		return (struct asked){.roots = {one, two, root, middle},
		                      .leaf = ek};
	case 2:
		return (struct asked){.roots = {two, one, middle, root},
		                      .chain = {middle},
		                      .leaf = ek};
	default:
		return (struct asked){.roots = {middle, one, two}, .leaf = ek};
	}
}

static const struct issued *
list(const struct issued *by, const struct issued *revoked)
{
	return ca_crl(&(struct crl_spec){.by = by, .revoked = revoked});
}

static void
check_all_vouched(const struct issued *one, const struct issued *two)
{
	for (size_t i = 0; i < WAYS; i++) {
		struct asked asked = way(i, one, two);

		check_vouched(&asked);
	}
}

static void
check_all_refused(const struct issued *one, const struct issued *two,
                  const char *word)
{
	for (size_t i = 0; i < WAYS; i++) {
		struct asked asked = way(i, one, two);

		check_refused(&asked, word);
	}
}

static void
test_none_revoked(void **state)
{
	const struct issued *sibling = ca_new(&(struct ca_spec){
	    .name = "sibling", .by = middle, .extensions = EK_ECC_EXTENSIONS});

	(void)state;
	check_all_vouched(list(middle, NULL), NULL);
	check_all_vouched(list(middle, sibling), NULL);
	check_all_vouched(list(other, ek), NULL);
	check_all_vouched(list(other, NULL), list(middle, NULL));
	check_all_vouched(list(root, other), NULL);
	check_all_vouched(list(root, other), list(middle, NULL));
}

static void
test_leaf_revoked(void **state)
{
	(void)state;
	check_all_refused(list(middle, ek), NULL, "revoked");
	check_all_refused(list(middle, ek), list(root, NULL), "revoked");
	check_all_refused(list(middle, ek), list(other, NULL), "revoked");
}

/* Also where the intermediate is itself among the roots, with its issuer. */
static void
test_intermediate_revoked(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS - 1; i++) {
		struct asked asked = way(i, list(root, middle), NULL);

		check_refused(&asked, "revoked");
		asked = way(i, list(root, middle), list(middle, NULL));
		check_refused(&asked, "revoked");
	}
}

static void
test_root_revoked(void **state)
{
	const struct asked asked = {
	    .roots = {root, list(root, root)}, .chain = {middle}, .leaf = ek};

	(void)state;
	check_refused(&asked, "revoked");
}

/* The old list revokes, the new one has forgotten it; either order. */
static void
test_two_lists(void **state)
{
	const struct issued *new = list(middle, NULL);
	const struct issued *old = ca_crl(&(struct crl_spec){
	    .by = middle, .revoked = ek, .from_d = -20, .to_d = -10});
	const struct issued *older = ca_crl(&(struct crl_spec){
	    .by = middle, .revoked = ek, .from_d = -20, .to_d = 10});

	(void)state;
	check_all_refused(old, new, "revoked");
	check_all_refused(new, old, "revoked");
	check_all_refused(older, new, "revoked");
	check_all_refused(new, older, "revoked");
}

/* A list that anybody could have made. */
static void
test_false_list(void **state)
{
	const struct issued *namesake = ca_new(
	    &(struct ca_spec){.name = "middle", .extensions = CA_EXTENSIONS});

	(void)state;
	check_all_refused(
	    ca_crl(&(struct crl_spec){.by = middle, .key = other->key}), NULL,
	    "CRL signature");
	check_all_refused(ca_crl(&(struct crl_spec){
			      .by = middle, .revoked = ek, .key = other->key}),
	                  NULL, "CRL signature");
	/* Another CA's of the same name, and its own beside it. */
	check_all_vouched(list(namesake, ek), list(middle, NULL));
	check_all_refused(list(namesake, NULL), list(middle, ek), "revoked");
}

static void
test_expired_list(void **state)
{
	struct crl_spec spec = {.by = middle, .from_d = -20, .to_d = -10};
	const struct issued *empty = ca_crl(&spec), *revokes;

	(void)state;
	spec.revoked = ek;
	revokes = ca_crl(&spec);
	for (size_t i = 0; i < WAYS; i++) {
		struct asked asked = way(i, empty, NULL);

		check_expired(&asked, "middle", "2027-01-05");
		asked = way(i, revokes, NULL);
		check_refused(&asked, "revoked");
	}
	/* Of tomorrow: it is no list yet, and none that can be left out. */
	spec.from_d = 1;
	spec.to_d = 2;
	check_all_refused(ca_crl(&spec), NULL, "");
}

/* What a list says that we do not understand. */
static void
test_unknown_list(void **state)
{
	struct crl_spec spec = {.by = middle,
	                        .extensions =
	                            NAMES_ISSUER "1.2.3.4=critical,DER:0500\n"};

	(void)state;
	check_all_refused(ca_crl(&spec), NULL, "CRL");
	spec.revoked = ek;
	check_all_refused(ca_crl(&spec), NULL, "");
}

/* A list of some reasons, or of CAs alone, revokes like any other.  OpenSSL
 * takes the first for no list and wants another beside the second. */
static void
test_partial_list(void **state)
{
	struct crl_spec some = {.by = middle,
	                        .extensions = NAMES_ISSUER
	                        "issuingDistributionPoint=critical,@idp\n"
	                        "[idp]\nonlysomereasons=keyCompromise\n"};
	struct crl_spec cas = {.by = middle,
	                       .extensions = NAMES_ISSUER
	                       "issuingDistributionPoint=critical,@idp\n"
	                       "[idp]\nonlyCA=TRUE\n"};

	(void)state;
	check_all_vouched(ca_crl(&some), NULL);
	check_all_vouched(ca_crl(&cas), list(middle, NULL));
	check_all_refused(ca_crl(&cas), NULL, "CRL scope");
	some.revoked = cas.revoked = ek;
	check_all_refused(ca_crl(&some), NULL, "revoked");
	check_all_refused(ca_crl(&cas), list(middle, NULL), "revoked");
	check_all_refused(ca_crl(&cas), NULL, "");
}

/* A CA that may not sign lists did. */
static void
test_no_crl_sign(void **state)
{
	const struct issued *ca = ca_new(&(struct ca_spec){
	    .name = "ca",
	    .extensions = "basicConstraints=critical,CA:TRUE\n"
			  "keyUsage=critical,keyCertSign\n"
			  "subjectKeyIdentifier=hash\n"});
	struct asked asked = {.roots = {ca}};

	(void)state;
	asked.leaf = ca_new(&(struct ca_spec){
	    .name = "ek", .by = ca, .extensions = EK_ECC_EXTENSIONS});
	check_vouched(&asked);
	asked.roots[1] = list(ca, NULL);
	check_refused(&asked, "CRL");
	asked.roots[1] = list(ca, asked.leaf);
	check_refused(&asked, "");
}

/* Only a certificate's own issuer revokes it. */
static void
test_other_issuer(void **state)
{
	struct asked asked = {.roots = {root, other}, .chain = {middle}};

	(void)state;
	asked.leaf = ek;
	asked.roots[2] = list(other, ek);
	check_vouched(&asked);
	asked.roots[2] = list(other, middle);
	check_vouched(&asked);
	asked.roots[2] = list(root, ek);
	check_vouched(&asked);
	asked.roots[2] = list(middle, ek);
	check_refused(&asked, "revoked");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_none_revoked, set_up,
	                                    ca_teardown),
	    cmocka_unit_test_setup_teardown(test_leaf_revoked, set_up,
	                                    ca_teardown),
	    cmocka_unit_test_setup_teardown(test_intermediate_revoked, set_up,
	                                    ca_teardown),
	    cmocka_unit_test_setup_teardown(test_root_revoked, set_up,
	                                    ca_teardown),
	    cmocka_unit_test_setup_teardown(test_two_lists, set_up,
	                                    ca_teardown),
	    cmocka_unit_test_setup_teardown(test_false_list, set_up,
	                                    ca_teardown),
	    cmocka_unit_test_setup_teardown(test_expired_list, set_up,
	                                    ca_teardown),
	    cmocka_unit_test_setup_teardown(test_unknown_list, set_up,
	                                    ca_teardown),
	    cmocka_unit_test_setup_teardown(test_partial_list, set_up,
	                                    ca_teardown),
	    cmocka_unit_test_setup_teardown(test_no_crl_sign, set_up,
	                                    ca_teardown),
	    cmocka_unit_test_setup_teardown(test_other_issuer, set_up,
	                                    ca_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
