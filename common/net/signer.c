/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tpm2-tss, tabrmd's D-Bus and the provider wait for a TPM as long as it likes:
 * the key gets a thread.  The handshake waits for it, and with it the loop, but
 * not for ever, and once for each answer that is overdue. */
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "net/key_private.h"

/* Well under what a handshake may take: its own reason is to be told. */
enum { ANSWER_MS = 3000, DIGEST_NAME_MAX = 32 };

/* What the two threads hand over. */
struct task {
	char digest[DIGEST_NAME_MAX];
	uint8_t hash[EVP_MAX_MD_SIZE];
	size_t hash_len;
	uint8_t signature[KEY_SIGNATURE_MAX];
	size_t size;
	bool ok;
	struct err why;
};

struct signer {
	struct tpm_key *key; /* the thread's, once there is one */
	pthread_t thread;
	bool runs; /* there is a thread */
	struct err why;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock; `task` is the thread's while it is busy. */
	bool busy, stopping;
	struct task task;
};

static void *
run(void *arg)
{
	struct signer *s = arg;
	struct task *t = &s->task;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		while (!s->busy && !s->stopping)
			pthread_cond_wait(&s->changed, &s->lock);
		if (s->stopping)
			break;
		pthread_mutex_unlock(&s->lock);
		t->size = sizeof(t->signature);
		t->ok = tpm_key_sign(s->key, t->digest,
		                     span_of(t->hash, t->hash_len),
		                     t->signature, &t->size);
		t->why = *tpm_key_why(s->key);
		/* A thread's queue of errors is its own: nobody reads it. */
		ERR_clear_error();
		pthread_mutex_lock(&s->lock);
		s->busy = false;
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void
start_thread(struct signer *s)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&s->thread, NULL, run, s) != 0)
		abort();
}

struct signer *
signer_new(const char *key, const char *tcti, struct err *err)
{
	struct signer *s = mem_new(1, sizeof(*s));

	s->key = tpm_key_new(key, tcti, s, err);
	if (s->key == NULL) {
		free(s);
		return NULL;
	}
	start_thread(s);
	return s;
}

void
signer_free(struct signer *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	tpm_key_free(s->key);
	free(s);
}

static struct timespec
deadline(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ANSWER_MS / 1000;
	at.tv_nsec += (long)(ANSWER_MS % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

/* Gives the thread its task, and waits for it; with the lock held. */
static bool
is_done(struct signer *s, const char *digest, struct span hash)
{
	const struct timespec until = deadline();
	int late = 0;

	s->task = (struct task){.hash_len = hash.len};
	memcpy(s->task.digest, digest, strlen(digest) + 1);
	memcpy(s->task.hash, hash.at, hash.len);
	s->busy = true;
	pthread_cond_broadcast(&s->changed);
	while (s->busy && late == 0)
		late = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	return !s->busy;
}

static bool
take(struct signer *s, uint8_t *signature, size_t *size)
{
	const struct task *t = &s->task;

	s->why = t->why;
	if (!t->ok || t->size > *size)
		return false;
	memcpy(signature, t->signature, t->size);
	*size = t->size;
	return true;
}

bool
signer_sign(struct signer *s, const char *digest, struct span hash,
            uint8_t *signature, size_t *size)
{
	bool ok = false;

	if (strlen(digest) >= DIGEST_NAME_MAX || hash.len > EVP_MAX_MD_SIZE)
		return false;
	pthread_mutex_lock(&s->lock);
	if (s->busy)
		err_set(&s->why, ERR_UNAVAILABLE,
		        "the TPM still owes an earlier handshake's signature");
	else if (is_done(s, digest, hash))
		ok = take(s, signature, size);
	else
		err_set(&s->why, ERR_UNAVAILABLE,
		        "the TPM gave no signature in %d ms", ANSWER_MS);
	pthread_mutex_unlock(&s->lock);
	return ok;
}

const struct err *
signer_why(const struct signer *s)
{
	return &s->why;
}

OSSL_LIB_CTX *
signer_library(const struct signer *s)
{
	return s != NULL ? tpm_key_library(s->key) : NULL;
}

EVP_PKEY *
signer_pkey(const struct signer *s)
{
	return tpm_key_pkey(s->key);
}
