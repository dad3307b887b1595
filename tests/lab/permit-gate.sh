#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Two hosts with the lock-driver gate: `virt-attest migrate` has a permit of its
# own for each way and uses it up; from another machine it says what is lacking,
# and goes when the source's own verifier has given it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/gate-lock-lib.sh"

make_plugins
# shellcheck disable=SC2119 # the usual hosts
lab_up
lock_manager host-b virt-attest
lock_manager host-a virt-attest
start_guest host-a db1

echo "# by each way, with a permit that is used"
for how in '' --p2p '--p2p --tunnelled' --tls '--p2p --parallel --parallel-connections 2'; do
	exits 1 migrate "$from" "$to" db1
	says err 'it has no permit'
	# shellcheck disable=SC2086 # words
	exits 0 va "$from" migrate db1 "$(to "$to")" --live $how
	exits 0 only_on "$to" db1
	keeps_ticking db1
	exits 0 va "$from" permits
	says out "^db1 .* $to .* yes$"
	was=$from from=$to to=$was
done

echo "# from another machine: by the word of the source's verifier"
exits 1 va "$to" migrate db1 "$(to "$to")" -c "$(to "$from")" --live
says err "it has no permit.*run 'virt-attest permit db1 $(to "$to")' there first"
exits 0 only_on "$from" db1
exits 0 va "$from" permit db1 "$(to "$to")" --live
exits 0 va "$to" migrate db1 "$(to "$to")" -c "$(to "$from")" --live
exits 0 only_on "$to" db1

echo "# a host that is not trusted"
tamper "$from"
exits 2 va "$to" permit db1 "$(to "$from")" --live
exits 2 va "$to" migrate db1 "$(to "$from")" --live
exits 1 migrate "$to" "$from" db1
says err 'it has no permit'
exits 0 only_on "$to" db1
sound db1 || fail "not sound"
