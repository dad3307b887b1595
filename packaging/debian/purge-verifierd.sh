# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Golden values and the audit log are an operator's work: they go when he says so.
store=/var/lib/virt-attest
if [ "${VIRT_ATTEST_PURGE_STORE:-}" = yes ]; then
	rm -rf "$store"
elif [ -d "$store" ]; then
	echo "@PACKAGE@: hosts, golden values and the audit log stay in $store;" >&2
	echo "a verifier that is installed again goes on with them.  If they are to go: rm -r $store" >&2
fi
for dir in ek_roots events.d verifiers.d; do
	rmdir --ignore-fail-on-non-empty "/etc/virt-attest/$dir" 2>/dev/null || true
done
