/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "net/key_private.h"
#include "net/net_private.h"
#include "net/review_private.h"
#include "net/tls_private.h"

enum { CHAIN_DEPTH_MAX = 8, CHAIN_BYTES_MAX = 32 * 1024, SECURITY_LEVEL = 2 };

static bool
refuse_file(struct err *err, const char *path)
{
	char why[128];

	return err_set(err, ERR_CONFIG, "%s: %s", path,
	               tls_queue_text(why, sizeof(why)));
}

/* Who opens a pipe waits for a writer, and with him all that we serve.  What is
 * not there is said by who reads it. */
static bool
is_file(const char *path, struct err *err)
{
	struct stat is;

	return path == NULL || stat(path, &is) != 0 || S_ISREG(is.st_mode) ||
	       err_set(err, ERR_CONFIG,
	               "%s: no file, but a pipe, a folder or a device", path);
}

/* The server's choice: our protocol or nothing (RFC 7301, 3.2). */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
        const unsigned char *in, unsigned in_len, void *arg)
{
	const struct tls *tls = arg;
	unsigned char *selected = NULL;

	(void)ssl;
	if (SSL_select_next_proto(&selected, out_len, tls->alpn, tls->alpn_len,
	                          in, in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = selected;
	return SSL_TLSEXT_ERR_OK;
}

/* Every CRL of the file.  With them every certificate of a chain must have a
 * current one of its CA. */
static bool
load_crls(struct tls *tls, const char *path, struct err *err)
{
	X509_STORE *store = SSL_CTX_get_cert_store(tls->ctx);
	BIO *file = BIO_new_file(path, "r");
	X509_CRL *crl;
	size_t n = 0;

	if (file == NULL)
		return refuse_file(err, path);
	while ((crl = PEM_read_bio_X509_CRL(file, NULL, NULL, NULL)) != NULL) {
		n += X509_STORE_add_crl(store, crl) == 1;
		X509_CRL_free(crl);
	}
	BIO_free(file);
	/* "No start line" is the end of the file; anything else is a CRL that
	 * would silently be missing. */
	if (n == 0 ||
	    ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return refuse_file(err, path);
	ERR_clear_error();
	X509_STORE_set_flags(store,
	                     X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return true;
}

static bool
load_key(const struct tls *tls, const char *key, struct err *err)
{
	int took;

	if (tls->signer != NULL)
		took =
		    SSL_CTX_use_PrivateKey(tls->ctx, signer_pkey(tls->signer));
	else
		took = SSL_CTX_use_PrivateKey_file(tls->ctx, key,
		                                   SSL_FILETYPE_PEM);
	return (took == 1 && SSL_CTX_check_private_key(tls->ctx) == 1) ||
	       refuse_file(err, key);
}

static bool
load_files(struct tls *tls, const struct tls_files *files, struct err *err)
{
	SSL_CTX *ctx = tls->ctx;

	ERR_clear_error();
	SSL_CTX_set_default_passwd_cb(ctx, key_no_passphrase);
	if (SSL_CTX_load_verify_file(ctx, files->ca) != 1)
		return refuse_file(err, files->ca);
	if (SSL_CTX_use_certificate_chain_file(ctx, files->cert) != 1)
		return refuse_file(err, files->cert);
	if (!load_key(tls, files->key, err))
		return false;
	return files->crl == NULL || files->crl[0] == '\0' ||
	       load_crls(tls, files->crl, err);
}

/* A client that offers no protocol never comes to on_alpn(). */
static int
on_hello(SSL *ssl, int *alert, void *arg)
{
	const unsigned char *offer;
	size_t len;

	(void)arg;
	if (SSL_client_hello_get0_ext(
		ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &offer,
		&len) == 1)
		return SSL_CLIENT_HELLO_SUCCESS;
	*alert = SSL_AD_NO_APPLICATION_PROTOCOL;
	return SSL_CLIENT_HELLO_ERROR;
}

/* The allowed names are a part of the verification, so that the peer is told
 * by an alert and not by a hang-up. */
static int
on_verified(int ok, X509_STORE_CTX *chain)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(
	    chain, SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (ok != 1 || X509_STORE_CTX_get_error_depth(chain) != 0 ||
	    !tls->server ||
	    tls_name_allowed(tls, X509_STORE_CTX_get_current_cert(chain)))
		return ok;
	X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

void
tls_own_context(struct tls *tls)
{
	SSL_CTX_set_alpn_select_cb(tls->ctx, on_alpn, tls);
	(void)SSL_CTX_set_app_data(tls->ctx, tls);
}

static bool
set_protocol(struct tls *tls, const char *alpn)
{
	SSL_CTX *ctx = tls->ctx;
	size_t len = strlen(alpn);

	tls->alpn[0] = (unsigned char)len;
	memcpy(tls->alpn + 1, alpn, len);
	tls->alpn_len = (unsigned)len + 1;
	tls_own_context(tls);
	SSL_CTX_set_verify(ctx,
	                   SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
	                   on_verified);
	if (tls->server)
		SSL_CTX_set_client_hello_cb(ctx, on_hello, NULL);
	SSL_CTX_set_verify_depth(ctx, CHAIN_DEPTH_MAX);
	SSL_CTX_set_max_cert_list(ctx, CHAIN_BYTES_MAX);
	SSL_CTX_set_security_level(ctx, SECURITY_LEVEL);
	/* Every connection is a full handshake: both ends prove themselves,
	 * and the exporter is of this session alone. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	/* Most connections are idle most of the time, and there are many. */
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	return SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
	       SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_alpn_protos(ctx, tls->alpn, tls->alpn_len) == 0;
}

/* Where the key is.  A context that takes another one's place has its key: in a
 * process there is one way to a TPM. */
static bool
open_key(struct tls *tls, const struct tls_files *files, const struct tls *of,
         struct err *err)
{
	bool in_tpm;

	if (!tls_key_in_tpm(files->key, &in_tpm, err))
		return false;
	if (in_tpm && files->tcti == NULL)
		return err_set(err, ERR_CONFIG,
		               "%s: a key in a TPM; only the agent has one",
		               files->key);
	if (of != NULL && in_tpm != (of->signer != NULL))
		return err_set(err, ERR_CONFIG,
		               "%s: into the TPM or out of it a key comes by a "
		               "restart alone",
		               files->key);
	tls->lent = of != NULL;
	if (in_tpm)
		tls->signer = of != NULL
		                  ? of->signer
		                  : signer_new(files->key, files->tcti, err);
	return !in_tpm || tls->signer != NULL;
}

/* A key in the TPM brings a library context of its own for all of TLS.  Peers'
 * keys and everything else stay with OpenSSL's default provider. */
static bool
open_context(struct tls *tls, const char *alpn, struct err *err)
{
	tls->ctx = SSL_CTX_new_ex(
	    signer_library(tls->signer),
	    tls->signer != NULL ? "?provider=default" : NULL,
	    tls->server ? TLS_server_method() : TLS_client_method());
	return (tls->ctx != NULL && strlen(alpn) < sizeof(tls->alpn) &&
	        set_protocol(tls, alpn)) ||
	       err_set(err, ERR_INTERNAL, "TLS: OpenSSL gave no context");
}

struct tls *
tls_make(bool server, const struct tls_files *files, const char *alpn,
         const struct tls *of, struct err *err)
{
	struct tls *tls = mem_new(1, sizeof(*tls));

	tls->server = server;
	LIST_INIT(&tls->streams);
	if (!is_file(files->ca, err) || !is_file(files->cert, err) ||
	    !is_file(files->key, err) || !is_file(files->crl, err) ||
	    !open_key(tls, files, of, err) || !open_context(tls, alpn, err) ||
	    !load_files(tls, files, err)) {
		tls_free(tls);
		return NULL;
	}
	return tls;
}

struct tls *
tls_server_new(const struct tls_files *files, const char *alpn, struct err *err)
{
	return tls_make(true, files, alpn, NULL, err);
}

struct tls *
tls_client_new(const struct tls_files *files, const char *alpn, struct err *err)
{
	return tls_make(false, files, alpn, NULL, err);
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	assert(LIST_EMPTY(&tls->streams));
	for (size_t i = 0; i < tls->n_allowed; i++)
		free(tls->allowed[i]);
	free(tls->allowed);
	SSL_CTX_free(tls->ctx);
	if (!tls->lent)
		signer_free(tls->signer);
	free(tls);
}

void
tls_allow(struct tls *tls, const char *const *names, size_t n)
{
	for (size_t i = 0; i < tls->n_allowed; i++)
		free(tls->allowed[i]);
	free(tls->allowed);
	tls->allowed = mem_new(n, sizeof(*tls->allowed));
	for (size_t i = 0; i < n; i++)
		tls->allowed[i] = mem_text(names[i]);
	tls->n_allowed = n;
}

SSL *
tls_session(struct tls *tls, const char *name)
{
	SSL *ssl = SSL_new(tls->ctx);
	X509_VERIFY_PARAM *param;
	bool ok;

	if (ssl == NULL)
		abort();
	if (tls->server)
		return ssl;
	/* RFC 9525: subjectAltName alone, no wildcard in part of a label. */
	param = SSL_get0_param(ssl);
	X509_VERIFY_PARAM_set_hostflags(
	    param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
		       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (tls_is_address(name))
		ok = X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
	else
		ok = name[0] != '\0' &&
		     X509_VERIFY_PARAM_set1_host(param, name, 0) == 1 &&
		     SSL_set_tlsext_host_name(ssl, name) == 1;
	if (!ok) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	return ssl;
}

bool
tls_spki_of_file(const char *path, uint8_t sha256[32], struct err *err)
{
	BIO *file;
	X509 *cert = NULL;
	bool ok;

	if (!is_file(path, err))
		return false;
	ERR_clear_error();
	file = BIO_new_file(path, "r");
	if (file != NULL)
		cert = PEM_read_bio_X509(file, NULL, NULL, NULL);
	ok = cert != NULL && tls_spki_of(cert, sha256);
	X509_free(cert);
	BIO_free(file);
	return ok || refuse_file(err, path);
}
