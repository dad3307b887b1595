# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154 # what those have who take it
#
# polkit on a host of the lab: a bus, polkitd with the actions of libvirt's access
# driver, and alice, who is nobody special.  To be taken after lib.sh.
alice=4711

# Debian's libvirt-daemon-system brings the actions; here are those that a
# migration meets.  Nobody's default is yes: a rule of the site grants.
make_actions() {
	local action
	echo '<?xml version="1.0"?><policyconfig>'
	for action in connect.{getattr,read,write,search-domains} \
		domain.{getattr,read,write,read-secure,start,stop,migrate}; do
		echo "<action id='org.libvirt.api.$action'><description>x</description><message>x</message><defaults>
			<allow_any>no</allow_any><allow_inactive>no</allow_inactive><allow_active>no</allow_active></defaults></action>"
	done
	echo '</policyconfig>'
}

# polkit_up HOST: libvirtd of that host asks polkit from now on.
polkit_up() {
	local host=$1 etc=$dir/$1/etc
	mkdir -p "$etc/polkit-1/rules.d" "$etc/dbus-1" "$dir/$host/actions" "$dir/$host/run/dbus" "$dir/$host/var/lib/polkit-1"
	chmod 755 "$etc/polkit-1/rules.d" "$dir/$host/run" "$dir/$host/run/dbus"
	grep -q ^alice: "$etc/passwd" || echo "alice:x:$alice:$alice::/run:/bin/sh" >>"$etc/passwd"
	grep -q ^alice: "$etc/group" || echo "alice:x:$alice:" >>"$etc/group"
	echo "readers:x:4712:polkitd" >>"$etc/group"
	make_actions >"$dir/$host/actions/org.libvirt.api.policy"
	on "$host" mount --bind "$dir/$host/actions" /usr/share/polkit-1/actions
	echo 'access_drivers = ["polkit"]' >>"$etc/libvirt/libvirtd.conf"
	echo 'unix_sock_rw_perms = "0777"' >>"$etc/libvirt/libvirtd.conf"
	launch "$host" bus dbus-daemon --system --nofork --nopidfile
	until_true 20 test -S "$dir/$host/run/dbus/system_bus_socket"
	launch "$host" polkitd /usr/lib/polkit-1/polkitd
	until_true 20 grep -q "Acquired the name" "$dir/$host-polkitd.log"
	halt "$host" libvirtd
	start_libvirtd "$host"
}

# rule HOST FILE: standard input becomes that rule, and polkitd has read it.
rule() {
	local was
	was=$(loaded "$1")
	cat >"$dir/$1/etc/polkit-1/rules.d/.new"
	chmod 644 "$dir/$1/etc/polkit-1/rules.d/.new"
	mv "$dir/$1/etc/polkit-1/rules.d/.new" "$dir/$1/etc/polkit-1/rules.d/$2"
	until_true 20 loaded_more "$1" "$was"
}
loaded() { grep -c "Finished loading" "$dir/$1-polkitd.log" || true; }

loaded_more() { [ "$(loaded "$1")" -gt "$2" ]; }

# as_alice HOST COMMAND...
as_alice() {
	into "$1"
	"${way[@]}" setpriv --reuid "$alice" --regid "$alice" --clear-groups "${@:2}"
}
