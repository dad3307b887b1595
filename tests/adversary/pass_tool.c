/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passes as a verifier makes them, and as one makes them that lies, by the key
 * of a store:
 *
 *     pass-tool STORE issue HOST UUID DESTINATION SECONDS
 *     pass-tool STORE sign TYP CLAIMS
 *     pass-tool STORE key */
#include <stdio.h>
#include <string.h>

#include "pass.h"
#include "result.h"

static bool
sign(struct verifierd *v, const char *typ, const char *text, struct buf *out,
     struct err *err)
{
	AUTO(json_auto)
	struct json *claims = json_parse(span_str(text), err);

	return claims != NULL &&
	       result_sign_claims(v, typ, claims, "pass-tool", out, err);
}

static bool
key(struct verifierd *v, struct buf *out, struct err *err)
{
	struct signing_public public;
	char pem[SIGNING_PEM_MAX];

	if (!result_key(v, "pass-tool", &public, err) ||
	    !signing_pem(&public, pem, err))
		return false;
	buf_text(out, pem);
	return true;
}

static bool
issue(struct verifierd *v, char **words, struct buf *out, struct err *err)
{
	struct pass_of of = {
	    .uuid = words[1],
	    .destination_host = words[2],
	    .actor = "pass-tool",
	};

	v->config.host_name = words[0];
	return text_u64(words[3], UINT32_MAX, &of.seconds) &&
	       pass_issue(v, &of, out, err);
}

int
main(int argc, char **argv)
{
	AUTO(buf_done) struct buf out = {0};
	struct verifierd v = {.store = NULL};
	struct err err = {.text = "no such words"};
	bool ok = false;

	if (argc < 3)
		return 1;
	v.store = store_open(argv[1], &err);
	if (v.store != NULL && argc == 7 && strcmp(argv[2], "issue") == 0)
		ok = issue(&v, argv + 3, &out, &err);
	else if (v.store != NULL && argc == 5 && strcmp(argv[2], "sign") == 0)
		ok = sign(&v, argv[3], argv[4], &out, &err);
	else if (v.store != NULL && argc == 3 && strcmp(argv[2], "key") == 0)
		ok = key(&v, &out, &err);
	store_close(v.store);
	if (ok)
		fwrite(out.at, 1, out.len, stdout);
	else
		fprintf(stderr, "pass-tool: %s\n", err.text);
	return ok ? 0 : 1;
}
