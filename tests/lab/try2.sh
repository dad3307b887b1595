#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
lab_up
start_guest host-a db1
force="--force migration-pki,chardev,lock-manager,maintenance,clock,qemu-user"
# shellcheck disable=SC2086
go() { local from=$1 to=$2; shift 2; before=$(sent_bytes "$from" memory); va "$from" migrate db1 "$(to "$to")" --live $force "$@" || echo "status $?"; echo "memory $(( $(sent_bytes "$from" memory) - before ))"; only_on "$to" db1 && echo "on $to"; }
go host-a host-b
go host-b host-a --p2p
go host-a host-b --p2p --tunnelled
go host-b host-a --tls
go host-a host-b --p2p --tls
tamper host-a
go host-b host-a
va host-b audit show | tail -3
restart_tpm host-a
va host-b migrate db1 "$(to host-a)" --live || echo "status $?"
on host-b virsh migrate --live db1 "$(to host-a)" && echo ok
