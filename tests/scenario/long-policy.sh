#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# An IMA policy of 20 MiB: a golden value that brings it has it, whole; it is
# never one that judges nothing.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_verifier

echo 'virt-attest-ima-policy 1' >"$dir/policy"
printf 'sha256:%064d /usr/lib/a-name-of-some-length/%08d\n' {1..190000} {1..190000} >>"$dir/policy"
[ "$(stat -c %s "$dir/policy")" -gt $((20 * 1024 * 1024)) ] || fail "the policy is short"
{
	printf '{"group":"rack-1","pcr_values":{"sha256":{"10":"%064d"}},"ima_policy":"' 0
	sed 's/$/\\n/' "$dir/policy" | tr -d '\n'
	echo '"}'
} >"$dir/golden.json"

exits 0 va golden import "$dir/golden.json"
exits 0 va golden show 1 --json
says out "\"ima_policy_sha256\": \"$(sha256sum <"$dir/policy" | cut -d ' ' -f 1)\""

echo "# exported, it comes with it; imported again, it is the same"
exits 0 va golden export 1
mv "$dir/out" "$dir/again.json"
exits 0 va golden import "$dir/again.json"
exits 0 va golden show 2 --json
says out "\"ima_policy_sha256\": \"$(sha256sum <"$dir/policy" | cut -d ' ' -f 1)\""
