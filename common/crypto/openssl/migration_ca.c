/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/migration_ca.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "openssl_private.h"

enum {
	SECURITY_BITS = 112,
	V4 = 4,
	V6 = 16,
	/* An address and its mask, as name constraints have them. */
	NET4 = 2 * V4,
	NET6 = 2 * V6,
};

/* Its constraints as they are read. */
struct scope {
	X509 *cert;
	NAME_CONSTRAINTS *limits; /* owned; NULL: none, or not to be read */
	int critical;             /* -1: not there */
	bool dns, v4, v6;         /* this kind of name is limited */
	struct migration_ca *ca;
};

static bool
is_ca(const struct scope *s)
{
	return (X509_get_extension_flags(s->cert) & EXFLAG_BCONS) != 0 &&
	       X509_check_ca(s->cert) == 1;
}

static bool
ends_its_paths(const struct scope *s)
{
	return X509_get_pathlen(s->cert) == 0;
}

static bool
is_sound(const struct scope *s)
{
	return (X509_get_extension_flags(s->cert) &
	        (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0;
}

static bool
signed_itself(const struct scope *s)
{
	EVP_PKEY *key = X509_get0_pubkey(s->cert);

	return key != NULL &&
	       X509_check_issued(s->cert, s->cert) == X509_V_OK &&
	       X509_verify(s->cert, key) == 1;
}

static bool
key_is_strong(const struct scope *s)
{
	EVP_PKEY *key = X509_get0_pubkey(s->cert);

	return key != NULL && EVP_PKEY_get_security_bits(key) >= SECURITY_BITS;
}

/* No key of a TLS server: else it could stand for a host by itself, and nothing
 * constrains it. */
static bool
signs_certificates_alone(const struct scope *s)
{
	uint32_t usage = X509_get_key_usage(s->cert);

	return usage == UINT32_MAX ||
	       ((usage & KU_KEY_CERT_SIGN) != 0 &&
	        (usage & ~(uint32_t)(KU_KEY_CERT_SIGN | KU_CRL_SIGN)) == 0);
}

/* GnuTLS takes the subject's common name for a host's where there is no
 * subjectAltName.  One with a blank is none. */
static bool
has_no_host_name(const struct scope *s)
{
	const X509_NAME *subject = X509_get_subject_name(s->cert);
	int at = -1;

	if (X509_get_ext_by_NID(s->cert, NID_subject_alt_name, -1) >= 0)
		return false;
	while ((at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >=
	       0) {
		const ASN1_STRING *text =
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));

		if (memchr(ASN1_STRING_get0_data(text), ' ',
		           (size_t)ASN1_STRING_length(text)) == NULL)
			return false;
	}
	return true;
}

static bool
is_constrained(const struct scope *s)
{
	return s->limits != NULL && s->critical == 1;
}

static bool
dns_is_limited(const struct scope *s)
{
	return s->dns;
}

static bool
v4_is_limited(const struct scope *s)
{
	return s->v4;
}

static bool
v6_is_limited(const struct scope *s)
{
	return s->v6;
}

/* In this order; the first that does not hold is told. */
static const struct {
	bool (*holds)(const struct scope *);
	const char *lacks;
} required[] = {
    {is_sound, "it has extensions that are not understood"},
    {is_ca, "it is no CA (basicConstraints, CA:TRUE)"},
    {ends_its_paths, "it may make further CAs (no path length 0)"},
    {signed_itself, "it is not signed by its own key"},
    {key_is_strong, "its key is weak"},
    {signs_certificates_alone,
     "its key usage is not that of signing certificates alone"},
    {has_no_host_name, "its subject could pass for a host's name"},
    {is_constrained, "it may sign for any host (no critical name constraints)"},
    {dns_is_limited, "its name constraints leave every DNS name open"},
    {v4_is_limited, "its name constraints leave every IPv4 address open"},
    {v6_is_limited, "its name constraints leave every IPv6 address open"},
};

/* An address and its mask: one alone (all ones), or all of a family. */
static bool
address_is(struct span s, uint8_t mask)
{
	for (size_t i = s.len / 2; i < s.len; i++)
		if (s.at[i] != mask)
			return false;
	return true;
}

static struct span
octets(const ASN1_STRING *s)
{
	return span_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

static bool
permit_dns(struct scope *s, const ASN1_STRING *name)
{
	struct span text = octets(name);
	char *out = s->ca->names[s->ca->n_names];

	/* An empty name, or one that begins with a dot, is a whole domain. */
	if (text.len == 0 || text.len >= MIGRATION_CA_NAME_SIZE ||
	    text.at[0] == '.')
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= 0x20 || text.at[i] > 0x7e)
			return false;
	text_ascii(text, out, MIGRATION_CA_NAME_SIZE);
	s->dns = true;
	return true;
}

static bool
permit_address(struct scope *s, const ASN1_STRING *name)
{
	struct span a = octets(name);
	char *out = s->ca->names[s->ca->n_names];

	if ((a.len != NET4 && a.len != NET6) || !address_is(a, 0xff) ||
	    inet_ntop(a.len == NET4 ? AF_INET : AF_INET6, a.at, out,
	              MIGRATION_CA_NAME_SIZE) == NULL)
		return false;
	/* GnuTLS looks at the permitted of a name's own family alone. */
	*(a.len == NET4 ? &s->v4 : &s->v6) = true;
	return true;
}

static bool
permit(struct scope *s, const GENERAL_SUBTREE *tree)
{
	bool ok;

	if (tree->base->type != GEN_DNS && tree->base->type != GEN_IPADD)
		return true; /* no name of a TLS server */
	/* RFC 5280, 4.2.1.10: minimum is 0 and maximum absent; what libraries
	 * make of others is their own affair. */
	if (tree->minimum != NULL || tree->maximum != NULL ||
	    s->ca->n_names == MIGRATION_CA_NAMES_MAX)
		return false;
	ok = tree->base->type == GEN_DNS
	         ? permit_dns(s, tree->base->d.dNSName)
	         : permit_address(s, tree->base->d.iPAddress);
	s->ca->n_names += ok;
	return ok;
}

static void
exclude(struct scope *s, const GENERAL_SUBTREE *tree)
{
	struct span a;

	if (tree->base->type != GEN_IPADD)
		return;
	a = octets(tree->base->d.iPAddress);
	if ((a.len != NET4 && a.len != NET6) || !address_is(a, 0))
		return;
	*(a.len == NET4 ? &s->v4 : &s->v6) = true;
}

static bool
read_limits(struct scope *s, struct err *err)
{
	const NAME_CONSTRAINTS *l = s->limits;

	if (l == NULL)
		return true; /* is_constrained() tells it */
	for (int i = 0; i < sk_GENERAL_SUBTREE_num(l->permittedSubtrees); i++)
		if (!permit(s,
		            sk_GENERAL_SUBTREE_value(l->permittedSubtrees, i)))
			return err_set(err, ERR_PEER,
			               "migration CA: it may sign for more "
			               "than %d single names and addresses",
			               MIGRATION_CA_NAMES_MAX);
	for (int i = 0; i < sk_GENERAL_SUBTREE_num(l->excludedSubtrees); i++)
		exclude(s, sk_GENERAL_SUBTREE_value(l->excludedSubtrees, i));
	return true;
}

static bool
hold(struct scope *s, struct err *err)
{
	if (!read_limits(s, err))
		return false;
	for (size_t i = 0; i < LENGTH_OF(required); i++)
		if (!required[i].holds(s))
			return err_set(err, ERR_PEER, "migration CA: %s",
			               required[i].lacks);
	return true;
}

bool
migration_ca_read(struct span der, struct migration_ca *ca, struct err *err)
{
	struct scope s = {.cert = openssl_certificate(der, err), .ca = ca};
	bool ok;

	*ca = (struct migration_ca){0};
	if (s.cert == NULL)
		return false;
	crypto_sha256(&der, 1, ca->sha256);
	openssl_key_digest(s.cert, ca->key_sha256);
	ca->not_before_s = openssl_unix(X509_get0_notBefore(s.cert));
	ca->not_after_s = openssl_unix(X509_get0_notAfter(s.cert));
	s.limits =
	    X509_get_ext_d2i(s.cert, NID_name_constraints, &s.critical, NULL);
	ok = hold(&s, err);
	NAME_CONSTRAINTS_free(s.limits);
	X509_free(s.cert);
	ERR_clear_error();
	return ok;
}

bool
migration_ca_unpem(struct span pem, struct buf *der, struct err *err)
{
	X509 *cert = NULL, *second = NULL;
	unsigned char *at = NULL;
	BIO *from;
	int len = -1;

	if (pem.len > MIGRATION_CA_PEM_MAX)
		return err_set(err, ERR_LIMIT,
		               "a CA's file is %d bytes at most",
		               MIGRATION_CA_PEM_MAX);
	from = BIO_new_mem_buf(pem.len != 0 ? (const void *)pem.at : "",
	                       (int)pem.len);
	if (from == NULL)
		abort(); /* memory alone */
	cert = PEM_read_bio_X509(from, NULL, NULL, NULL);
	if (cert != NULL)
		second = PEM_read_bio_X509(from, NULL, NULL, NULL);
	if (cert != NULL && second == NULL)
		len = i2d_X509(cert, &at);
	if (len > 0 && len <= CERTIFICATE_MAX)
		buf_add(der, span_of(at, (size_t)len));
	OPENSSL_free(at);
	X509_free(cert);
	X509_free(second);
	BIO_free(from);
	ERR_clear_error();
	return (len > 0 && len <= CERTIFICATE_MAX) ||
	       err_set(err, ERR_MALFORMED,
	               "not one certificate in PEM, of %d bytes at most",
	               CERTIFICATE_MAX);
}

static int
address_of(const char *text, uint8_t out[V6])
{
	return inet_pton(AF_INET, text, out) == 1    ? V4
	       : inet_pton(AF_INET6, text, out) == 1 ? V6
	                                             : 0;
}

bool
migration_ca_covers(const char *name, const char *other)
{
	size_t len = strlen(name), all = strlen(other);
	uint8_t a[V6], b[V6];
	int size = address_of(name, a);

	if (size != 0)
		return size == address_of(other, b) &&
		       memcmp(a, b, (size_t)size) == 0;
	return all >= len && strcasecmp(other + all - len, name) == 0 &&
	       (all == len || other[all - len - 1] == '.');
}
