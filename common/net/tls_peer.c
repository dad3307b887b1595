/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who the other end of a session is, and whether it may be. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "net/key_private.h"
#include "net/net_private.h"
#include "net/tls_private.h"

bool
tls_is_address(const char *name)
{
	uint8_t address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, address) == 1 ||
	       inet_pton(AF_INET6, name, address) == 1;
}

static bool
is_named(X509 *cert, const char *const *names, size_t n)
{
	const unsigned flags =
	    X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT;

	for (size_t i = 0; i < n; i++)
		if (tls_is_address(names[i])
		        ? X509_check_ip_asc(cert, names[i], 0) == 1
		        : X509_check_host(cert, names[i], 0, flags, NULL) == 1)
			return true;
	return false;
}

bool
tls_name_allowed(const struct tls *tls, X509 *cert)
{
	return tls->n_allowed == 0 ||
	       is_named(cert, (const char *const *)tls->allowed,
	                tls->n_allowed);
}

bool
tls_peer_named(SSL *ssl, const char *const *names, size_t n)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);

	return cert != NULL && is_named(cert, names, n);
}

size_t
tls_peer_addresses(SSL *ssl, char (*out)[ADDRESS_TEXT_SIZE], size_t max)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);
	GENERAL_NAMES *names = NULL;
	size_t n = 0;

	if (cert != NULL)
		names =
		    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && n < max; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_OCTET_STRING *ip = name->d.iPAddress;

		if (name->type == GEN_IPADD &&
		    address_of_bytes(ASN1_STRING_get0_data(ip),
		                     (size_t)ASN1_STRING_length(ip), out[n]))
			n++;
	}
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return n;
}

bool
tls_accept_peer(struct tls *tls, SSL *ssl, struct err *err)
{
	const unsigned char *alpn;
	unsigned len;
	X509 *cert = SSL_get0_peer_certificate(ssl);
	char name[PEER_TEXT_MAX];

	SSL_get0_alpn_selected(ssl, &alpn, &len);
	if (len + 1 != tls->alpn_len || memcmp(alpn, tls->alpn + 1, len) != 0)
		return err_set(
		    err, ERR_PEER, "the peer does not speak %.*s (ALPN)",
		    (int)tls->alpn_len - 1, (const char *)tls->alpn + 1);
	/* OpenSSL made sure of both; a verifier does not take its word. */
	if (cert == NULL || SSL_get_verify_result(ssl) != X509_V_OK)
		return err_set(err, ERR_PEER, "no verified certificate");
	if (tls->server && !tls_name_allowed(tls, cert)) {
		tls_peer_name(ssl, name, sizeof(name));
		return err_set(err, ERR_PEER,
		               "'%.100s' is not among the allowed names", name);
	}
	return true;
}

/* As OpenSSL does it in a handshake, with the session's own name and depth, and
 * what is believed by now. */
static bool
chain_stands(struct tls *tls, SSL *ssl, X509 *cert, struct err *err)
{
	X509_STORE_CTX *chain =
	    X509_STORE_CTX_new_ex(signer_library(tls->signer), NULL);
	X509_VERIFY_PARAM *param;
	bool ok;

	ok = chain != NULL &&
	     X509_STORE_CTX_init(chain, SSL_CTX_get_cert_store(tls->ctx), cert,
	                         SSL_get_peer_cert_chain(ssl)) == 1 &&
	     X509_STORE_CTX_set_default(chain, tls->server ? "ssl_client"
	                                                   : "ssl_server") == 1;
	if (ok) {
		param = X509_STORE_CTX_get0_param(chain);
		X509_VERIFY_PARAM_set_auth_level(param,
		                                 SSL_get_security_level(ssl));
		ok = X509_VERIFY_PARAM_set1(param, SSL_get0_param(ssl)) == 1 &&
		     X509_verify_cert(chain) == 1;
	}
	if (!ok)
		tls_explain_refused(ssl,
		                    chain != NULL
		                        ? X509_STORE_CTX_get_error(chain)
		                        : X509_V_ERR_OUT_OF_MEM,
		                    err);
	X509_STORE_CTX_free(chain);
	ERR_clear_error();
	return ok;
}

bool
tls_peer_stands(struct tls *tls, SSL *ssl, struct err *err)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);

	return tls_accept_peer(tls, ssl, err) &&
	       chain_stands(tls, ssl, cert, err);
}
