#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# One library, one folder; no way around the floors.
set -eu -o pipefail
bad=0
# only PATTERN FOLDER: the include stands nowhere else in the programs.
only() {
	if git grep -nE "#include <($1)" -- '*.c' '*.h' | grep -vE "^($2|tests/|bench/|docs/examples/)"; then
		echo "  ... belongs to $2 alone" && bad=1
	fi
}
only 'event2/' 'common/net/'
only 'openssl/' 'common/(net|crypto/openssl)/'
only 'tss2/' 'agentd/source/'
only 'json-c/' 'proto/'
only 'sqlite3' 'verifierd/store/'
only 'libconfig' 'common/sys/'
only 'libvirt/' 'checks/libvirt/'
only 'libxml/' '(checks/libvirt|hooks/incoming)/'
only 'nftables/' 'gates/net/nft/'
only 'seccomp\.h' 'common/sandbox/'
if git grep -nE '#include "\.\./' -- '*.c' '*.h'; then
	echo "  ... climbs out of its floor" && bad=1
fi
# No library's type passes a floor's public header (comments may name it).
foreign='(SSL|SSL_CTX|X509|EVP_[A-Z_]+|BIO|BIGNUM|sqlite3|sqlite3_stmt|ESYS_[A-Z]+|ESYS_TR|TPM2?[A-Z]*_[A-Z_0-9]+
|TSS2_[A-Z_]+|json_object|json_tokener|config_t|config_setting_t|nft_ctx|vir[A-Z][A-Za-z]*Ptr|xml[A-Z][A-Za-z]*|scmp_[a-z_]+|bufferevent|event_base|evbuffer|evconnlistener)'
while read -r header; do
	${CC:-cc} -fpreprocessed -dD -E -P "$header" 2>/dev/null |
		grep -E "^#include <(event2|openssl|tss2|json-c|sqlite3|libconfig|libvirt|libxml|nftables|seccomp)|\b$(tr -d '\n' <<<"$foreign") *(\*|[a-z])" || continue
	echo "  ... $header passes a library's type on"
	bad=1
done < <(git ls-files '*.h' ':!tests' ':!bench' ':!*private.h')
# SQL in the programs is a literal or a constant; values are bound.  A test
# tampers as it likes.
while IFS=: read -r file line text; do
	what=$(sed -nE 's/.*sqlite3_exec\([^,]*, *([^,]*),.*/\1/p' <<<"$text")
	[[ $what != \"* ]] || continue
	! grep -qE "const char $what\[\] *=" "$file" || continue
	echo "$file:$line: SQL that is no constant: $what"
	bad=1
done < <(git grep -n 'sqlite3_exec(' -- '*.c' ':!tests' ':!bench')
if git grep -nE 'sqlite3_v?s?n?m?printf' -- '*.c' ':!tests'; then
	echo "  ... makes SQL from values"
	bad=1
fi
exit $bad
