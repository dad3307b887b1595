#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
lab_up
start_guest host-a db1
time va host-a check db1 "$(to host-b)" --live || echo "status $?"
time va host-a check db1 "$(to host-b)" --live --verbose || echo "status $?"
va host-a check db1 "$(to host-b)" --json | head -40
ids=$(va host-a check db1 "$(to host-b)" --json --live| sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | grep -v 'attestation\|endpoint' | tr '\n' ',')
echo "$ids"
