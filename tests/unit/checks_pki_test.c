/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Would QEMU's TLS come about: certificates at both ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checks/pki.h"
#include "checks_a_case.h"

enum { SOURCE, DESTINATION };
enum { LEAF, OWN_CA, OTHER_CA, THIRD_CA };

#define CASE(name) static void name(struct checks_world *w)

CASE(no_tls)
{
	w->f.plan.tls = false;
}

CASE(no_pki)
{
	w->f.source_local.n_certificates = 0;
	w->f.destination_local.n_certificates = 0;
}

CASE(no_pki_no_tls)
{
	no_pki(w);
	no_tls(w);
}

CASE(no_ca_file)
{
	w->f.source_local.n_certificates = 1;
}

CASE(no_server)
{
	w->certificates[DESTINATION][LEAF].exists = false;
}

CASE(no_client)
{
	w->certificates[SOURCE][LEAF].exists = false;
}

CASE(no_client_no_tls)
{
	no_client(w);
	no_tls(w);
}

CASE(unread_server)
{
	no_server(w);
	w->certificates[DESTINATION][LEAF].why = "Permission denied";
}

CASE(unread_ca)
{
	w->certificates[SOURCE][OWN_CA].why = "no certificate in it";
}

CASE(expired)
{
	w->certificates[DESTINATION][LEAF].not_after = w->f.now_s - 3 * 86400;
}

CASE(expired_no_tls)
{
	expired(w);
	no_tls(w);
}

CASE(expired_client)
{
	w->certificates[SOURCE][LEAF].not_after = w->f.now_s - 1;
}

/* Of a third host: QEMU refuses the whole file for it. */
CASE(expired_ca)
{
	w->certificates[SOURCE][THIRD_CA].not_after = w->f.now_s - 1;
}

CASE(to_the_last_second)
{
	w->certificates[DESTINATION][LEAF].not_after = w->f.now_s;
}

CASE(expires_soon)
{
	w->certificates[DESTINATION][LEAF].not_after =
	    w->f.now_s + PKI_EXPIRES_SOON_S - 1;
}

CASE(expires_not_so_soon)
{
	w->certificates[DESTINATION][LEAF].not_after =
	    w->f.now_s + PKI_EXPIRES_SOON_S;
}

CASE(not_yet)
{
	w->certificates[SOURCE][LEAF].not_before = w->f.now_s + 60;
}

CASE(from_this_second)
{
	w->certificates[SOURCE][LEAF].not_before = w->f.now_s;
}

CASE(no_now)
{
	w->f.now_s = 0;
}

CASE(not_a_ca)
{
	w->certificates[DESTINATION][OTHER_CA].is_ca = false;
}

CASE(not_signed_there)
{
	w->certificates[DESTINATION][LEAF].signed_here = false;
	w->certificates[DESTINATION][LEAF].signer_sha256 = NULL;
}

CASE(signed_by_nobody)
{
	w->certificates[DESTINATION][LEAF].signer_sha256 = NULL;
}

CASE(signed_elsewhere)
{
	w->certificates[DESTINATION][LEAF].signed_here = false;
}

CASE(source_distrusts)
{
	w->certificates[SOURCE][OTHER_CA].key_sha256 = "dd01";
}

CASE(source_distrusts_no_tls)
{
	source_distrusts(w);
	no_tls(w);
}

CASE(destination_distrusts)
{
	w->certificates[DESTINATION][OTHER_CA].key_sha256 = "dd01";
}

/* A leaf with the right key is no CA of the file. */
CASE(trusts_a_leaf_only)
{
	w->certificates[SOURCE][OTHER_CA].key_sha256 = "dd01";
	w->certificates[SOURCE][LEAF].key_sha256 = "bb01";
}

CASE(more_cas_than_looked_at)
{
	source_distrusts(w);
	for (size_t i = 4; i < LOCAL_CERTIFICATES_MAX; i++)
		w->certificates[SOURCE][i] = w->certificates[SOURCE][THIRD_CA];
	w->f.source_local.n_certificates = LOCAL_CERTIFICATES_MAX;
}

CASE(another_name)
{
	w->f.destination.hostname = "host-c";
}

CASE(the_host_itself_says_another_name)
{
	w->f.destination.missing = "cannot connect";
	w->f.destination.hostname = "host-b";
	w->f.destination_local.hostname = "host-c";
}

CASE(another_name_expected)
{
	w->f.plan.tls_destination = "host-c";
}

/* The data's URI has an address, the certificate, too. */
CASE(by_address)
{
	w->f.destination.hostname = "host-c";
	w->f.plan.migrate_uri = "tcp://10.77.0.12";
	w->f.plan.data_host = "10.77.0.12";
}

CASE(a_name_in_capitals)
{
	w->f.destination.hostname = "HOST-B";
}

CASE(wild)
{
	w->server_names[0] = "*.example.org";
	w->f.destination.hostname = "host-b.example.org";
}

CASE(too_wild)
{
	w->server_names[0] = "*.example.org";
	w->f.destination.hostname = "a.host-b.example.org";
	w->f.plan.data_host = "a.host-b.example.org";
}

CASE(wild_for_nothing)
{
	w->server_names[0] = "*.example.org";
	w->f.destination.hostname = ".example.org";
}

CASE(no_names)
{
	w->certificates[DESTINATION][LEAF].n_names = 0;
}

CASE(source_forces)
{
	no_tls(w);
	w->f.source_local.migrate_tls_force = "1";
	w->f.destination_local.migrate_tls_force = "1";
}

CASE(destination_forces)
{
	no_tls(w);
	w->f.destination_local.migrate_tls_force = "1";
}

CASE(destination_forces_with_tls)
{
	w->f.destination_local.migrate_tls_force = "1";
}

CASE(both_force_with_tls)
{
	source_forces(w);
	w->f.plan.tls = true;
}

CASE(forced_and_tunnelled)
{
	source_forces(w);
	w->f.plan.tunnelled = true;
}

CASE(zero_is_not_forced)
{
	no_tls(w);
	w->f.destination_local.migrate_tls_force = "0";
}

CASE(force_unread)
{
	no_tls(w);
	w->f.destination_local.migrate_tls_force = NULL;
	w->f.destination_local.qemu_conf_why = "Permission denied";
}

CASE(force_not_told)
{
	no_tls(w);
	w->f.source_local.migrate_tls_force = NULL;
}

CASE(force_half_read)
{
	no_tls(w);
	w->f.source_local.qemu_conf_why = "line 7";
}

CASE(force_unread_with_tls)
{
	force_unread(w);
	w->f.plan.tls = true;
}

CASE(offline_with_tls)
{
	w->f.plan.offline = true;
	no_pki(w);
}

CASE(no_local_facts)
{
	w->f.destination_local = (struct local_facts){.missing = "old agent"};
}

static const struct checks_case cases[] = {
    {"migration-pki", "all well", NULL, OUTCOME_PASS,
     "certificate is for 'host-b', and each end trusts the other's CA", NULL},
    {"migration-pki", "no TLS", no_tls, OUTCOME_PASS, "goes in the clear",
     NULL},
    {"migration-pki", "none and no TLS", no_pki_no_tls, OUTCOME_PASS,
     "goes in the clear", NULL},
    {"migration-pki", "none", no_pki, OUTCOME_BLOCK,
     "the destination has no ca-cert.pem", "/etc/pki/qemu"},
    {"migration-pki", "no CA file", no_ca_file, OUTCOME_BLOCK,
     "the source has no ca-cert.pem", NULL},
    {"migration-pki", "no server's", no_server, OUTCOME_BLOCK,
     "the destination has no server-cert.pem", NULL},
    {"migration-pki", "no client's", no_client, OUTCOME_WARN,
     "the source has no client-cert.pem", NULL},
    {"migration-pki", "no client's, no TLS", no_client_no_tls, OUTCOME_PASS,
     "goes in the clear", NULL},
    {"migration-pki", "unread server's", unread_server, OUTCOME_NOT_RUN,
     "the destination's server-cert.pem could not be read: Permission denied",
     NULL},
    {"migration-pki", "unread CA", unread_ca, OUTCOME_NOT_RUN,
     "the source's ca-cert.pem could not be read: no certificate in it", NULL},
    {"migration-pki", "expired", expired, OUTCOME_BLOCK,
     "the destination's server-cert.pem expired 3 days ago", "renew"},
    {"migration-pki", "expired, no TLS", expired_no_tls, OUTCOME_WARN,
     "the destination's server-cert.pem expired 3 days ago", "renew"},
    {"migration-pki", "expired client's", expired_client, OUTCOME_BLOCK,
     "the source's client-cert.pem expired", NULL},
    {"migration-pki", "expired CA", expired_ca, OUTCOME_BLOCK,
     "the source's ca-cert.pem expired", NULL},
    {"migration-pki", "last second", to_the_last_second, OUTCOME_WARN,
     "server-cert.pem expires in 0 days", NULL},
    {"migration-pki", "soon", expires_soon, OUTCOME_WARN,
     "server-cert.pem expires in 6 days", NULL},
    {"migration-pki", "not so soon", expires_not_so_soon, OUTCOME_PASS,
     "certificate is for 'host-b'", NULL},
    {"migration-pki", "not yet", not_yet, OUTCOME_BLOCK,
     "client-cert.pem is not valid before 60 seconds from now", "clock"},
    {"migration-pki", "just now", from_this_second, OUTCOME_PASS,
     "certificate is for 'host-b'", NULL},
    {"migration-pki", "no clock", no_now, OUTCOME_NOT_RUN,
     "is in date is not known", NULL},
    {"migration-pki", "no CA", not_a_ca, OUTCOME_BLOCK,
     "a certificate of the destination's ca-cert.pem is no CA's", "CA:TRUE"},
    {"migration-pki", "not signed there", not_signed_there, OUTCOME_BLOCK,
     "server-cert.pem is not signed by its own ca-cert.pem", NULL},
    {"migration-pki", "signed by nobody", signed_by_nobody, OUTCOME_BLOCK,
     "server-cert.pem is not signed by its own ca-cert.pem", NULL},
    {"migration-pki", "signed elsewhere", signed_elsewhere, OUTCOME_BLOCK,
     "server-cert.pem is not signed by its own ca-cert.pem", NULL},
    {"migration-pki", "source distrusts", source_distrusts, OUTCOME_BLOCK,
     "the source does not trust the CA that signed the destination's "
     "server-cert.pem",
     "bb01"},
    {"migration-pki", "source distrusts, no TLS", source_distrusts_no_tls,
     OUTCOME_WARN, "the source does not trust the CA", NULL},
    {"migration-pki", "destination distrusts", destination_distrusts,
     OUTCOME_BLOCK,
     "the destination does not trust the CA that signed the source's "
     "client-cert.pem",
     "ca-cert.pem of the destination"},
    {"migration-pki", "a leaf is no CA", trusts_a_leaf_only, OUTCOME_BLOCK,
     "the source does not trust the CA", NULL},
    {"migration-pki", "a list that is cut", more_cas_than_looked_at,
     OUTCOME_NOT_RUN, "holds more than is looked at", NULL},
    {"migration-pki", "another name", another_name, OUTCOME_BLOCK,
     "server-cert.pem is not for 'host-c'", "--tls-destination host-b"},
    {"migration-pki", "by the host's word", the_host_itself_says_another_name,
     OUTCOME_BLOCK, "server-cert.pem is not for 'host-c'", NULL},
    {"migration-pki", "another name is expected", another_name_expected,
     OUTCOME_BLOCK, "server-cert.pem is not for 'host-c'", "host-c"},
    {"migration-pki", "by address", by_address, OUTCOME_PASS,
     "certificate is for '10.77.0.12'", NULL},
    {"migration-pki", "capitals", a_name_in_capitals, OUTCOME_PASS,
     "certificate is for 'HOST-B'", NULL},
    {"migration-pki", "a star", wild, OUTCOME_PASS,
     "certificate is for 'host-b.example.org'", NULL},
    {"migration-pki", "a star for two labels", too_wild, OUTCOME_BLOCK,
     "is not for 'a.host-b.example.org'", "a name that is in it"},
    {"migration-pki", "a star for none", wild_for_nothing, OUTCOME_BLOCK,
     "is not for '.example.org'", NULL},
    {"migration-pki", "no names", no_names, OUTCOME_NOT_RUN,
     "has no subjectAltName to compare with 'host-b'", NULL},
    {"migration-pki", "forced", source_forces, OUTCOME_BLOCK,
     "the source migrates with TLS only", "--tls"},
    {"migration-pki", "forced there", destination_forces, OUTCOME_BLOCK,
     "the destination migrates with TLS only", "--tls"},
    {"migration-pki", "forced there, with TLS", destination_forces_with_tls,
     OUTCOME_WARN, "only the destination demands TLS", "alike"},
    {"migration-pki", "forced, with TLS", both_force_with_tls, OUTCOME_PASS,
     "certificate is for 'host-b'", NULL},
    {"migration-pki", "forced, tunnelled", forced_and_tunnelled, OUTCOME_PASS,
     "tunnelled", NULL},
    {"migration-pki", "zero", zero_is_not_forced, OUTCOME_PASS,
     "no end demands TLS", NULL},
    {"migration-pki", "force not read", force_unread, OUTCOME_NOT_RUN,
     "whether the destination demands TLS is not known: Permission denied",
     NULL},
    {"migration-pki", "force not told", force_not_told, OUTCOME_NOT_RUN,
     "the source demands TLS is not known: its qemu.conf does not tell", NULL},
    {"migration-pki", "force half read", force_half_read, OUTCOME_NOT_RUN,
     "the source demands TLS is not known: line 7", NULL},
    {"migration-pki", "force not read, with TLS", force_unread_with_tls,
     OUTCOME_PASS, "certificate is for 'host-b'", NULL},
    {"migration-pki", "offline", offline_with_tls, OUTCOME_PASS, "offline",
     NULL},
    {"migration-pki", "no facts", no_local_facts, OUTCOME_NOT_RUN, "old agent",
     NULL},
};

static void
every_case_comes_out(void **state)
{
	const struct migration_check subject[] = {
	    *check_of("migration-pki"),
	    {0},
	};

	(void)state;
	checks_cases_hold(subject, cases, LENGTH_OF(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_case_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
