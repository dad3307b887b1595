/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What OpenSSL knows about a peer or a failure, in words. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "net/key_private.h"
#include "net/net_private.h"
#include "net/tls_private.h"

const char *
tls_queue_text(char *out, size_t size)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);

	if (ERR_SYSTEM_ERROR(code))
		reason = strerror(ERR_GET_REASON(code));
	snprintf(out, size, "%s", reason != NULL ? reason : "cannot be used");
	ERR_clear_error();
	return out;
}

static void
san_text(const GENERAL_NAME *name, char *out, size_t size)
{
	const ASN1_STRING *value;
	int type, len;

	out[0] = '\0';
	value = GENERAL_NAME_get0_value(name, &type);
	if (type != GEN_DNS && type != GEN_IPADD)
		return;
	len = ASN1_STRING_length(value);
	if (type == GEN_DNS)
		snprintf(out, size, "%.*s", len,
		         (const char *)ASN1_STRING_get0_data(value));
	else if (len == 4 || len == 16)
		(void)inet_ntop(len == 4 ? AF_INET : AF_INET6,
		                ASN1_STRING_get0_data(value), out,
		                (socklen_t)size);
}

/* Every DNS and IP name of the certificate, "a, b"; a few are enough. */
static void
cert_names(X509 *cert, char *out, size_t size)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && len < size; i++) {
		char name[PEER_TEXT_MAX];

		san_text(sk_GENERAL_NAME_value(names, i), name, sizeof(name));
		if (name[0] != '\0')
			len += (size_t)snprintf(out + len, size - len, "%s%s",
			                        len != 0 ? ", " : "", name);
	}
	GENERAL_NAMES_free(names);
	if (out[0] == '\0' &&
	    X509_NAME_get_text_by_NID(X509_get_subject_name(cert),
	                              NID_commonName, out, (int)size) < 0)
		snprintf(out, size, "(no name)");
	if (!text_is_printable(out))
		snprintf(out, size, "(unprintable name)");
}

void
tls_peer_name(SSL *ssl, char *out, size_t size)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);

	if (cert != NULL)
		cert_names(cert, out, size);
	else
		snprintf(out, size, "(no certificate)");
}

void
tls_explain_refused(SSL *ssl, long result, struct err *err)
{
	char names[120] = "the peer";

	/* One that is refused in mid-handshake is not there to be named. */
	if (SSL_get0_peer_certificate(ssl) != NULL)
		tls_peer_name(ssl, names, sizeof(names));
	if (result == X509_V_ERR_APPLICATION_VERIFICATION)
		err_set(err, ERR_PEER,
		        "the certificate of %s has none of the allowed names",
		        names);
	else
		err_set(err, ERR_PEER, "the certificate of %s: %s", names,
		        X509_verify_cert_error_string(result));
}

/* Of the peer; OpenSSL's own reasons lie above and below. */
static bool
is_alert(unsigned long code)
{
	int number = ERR_GET_REASON(code);

	return ERR_GET_LIB(code) == ERR_LIB_SSL &&
	       number >= SSL_AD_REASON_OFFSET &&
	       number <= SSL_AD_REASON_OFFSET + UINT8_MAX;
}

void
tls_explain(SSL *ssl, unsigned long code, struct err *err)
{
	const char *reason = ERR_reason_error_string(code);
	long result = SSL_get_verify_result(ssl);
	int number = ERR_GET_REASON(code);
	const struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	ERR_clear_error();
	if (result != X509_V_OK)
		tls_explain_refused(ssl, result, err);
	else if (ERR_GET_LIB(code) == 0 || ERR_SYSTEM_ERROR(code))
		/* libevent passes SSL_ERROR_SYSCALL on as a code: errno has it.
		 */
		return;
	else if (number == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		err_set(err, ERR_UNAVAILABLE, "the connection was cut");
	else if (is_alert(code))
		err_set(err, ERR_PEER, "the peer refused us: %s",
		        reason != NULL ? reason : "an alert");
	else if (tls->signer != NULL &&
	         signer_why(tls->signer)->code != ERR_NONE)
		*err = *signer_why(tls->signer);
	else
		err_set(err, ERR_PEER, "TLS: %s",
		        reason != NULL ? reason : "failed");
}

bool
tls_spki_of(X509 *cert, uint8_t sha256[32])
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	unsigned int size = 0;
	bool ok;

	ok = len > 0 && EVP_Digest(der, (size_t)len, sha256, &size,
	                           EVP_sha256(), NULL) == 1;
	OPENSSL_free(der);
	return ok && size == 32;
}
