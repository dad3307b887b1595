# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash source-path=SCRIPTDIR
#
# Cockpit and a browser for a story, on loopback.  The page finds the verifier
# as it does in life, by /etc/virt-attest/verifierd.conf: Cockpit has an /etc of
# its own, in a mount namespace.
. "$(dirname "${BASH_SOURCE[0]}")/../scenario/lib.sh"

[ "$(id -u)" = 0 ] || {
	echo "skipped: only root can be somebody else, and have an /etc of its own"
	exit 77
}
browser() { "$source_dir/tests/cockpit/browser" "$@"; }
free_port() {
	local port
	while :; do
		port=$((10000 + RANDOM % 10000)) # below those that the system gives away
		ss -Htan "sport = :$port" | grep -q . || break
	done
	echo "$port"
}
port_listens() { ss -Hltn "sport = :$1" | grep -q .; }

# start_cockpit NAME USER [GROUP]: of somebody who has logged in; page_of[NAME]
# is where the page is.
declare -A page_of
start_cockpit() {
	local name=$1 user=$2 group=${3-} port
	port=$(free_port)
	mkdir -p "$dir/etc" "$dir/data/cockpit" "$dir/$name.home"
	chmod 755 "$dir" # others have to get at the page and at the socket
	cp -rT "$source_dir/cockpit" "$dir/data/cockpit/virt-attest"
	mkdir -p "$dir/bin"
	cp "$bin/virt-attest" "$dir/bin/"
	chmod -R a+rX "$dir/data" "$dir/bin" "$dir/etc"
	printf 'socket = "%s" # not the usual place\n' "$dir/v.sock" >"$dir/etc/verifierd.conf"
	chown "$user" "$dir/$name.home"
	# shellcheck disable=SC2016 # for the other shell
	XDG_RUNTIME_DIR=$dir/$name.home XDG_DATA_HOME=$dir/data PATH=$dir/bin:$PATH LIBVIRT_DEFAULT_URI=test:///default \
		unshare -m sh -eu -c '
		mount -t tmpfs tmpfs /mnt
		mkdir /mnt/upper /mnt/work
		mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc
		rm -rf /etc/virt-attest
		cp -r "$1" /etc/virt-attest
		user=$2 group=$3 port=$4
		echo "$user ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/story # for administrative access
		exec setpriv --reuid="$user" --regid="$(id -g "$user")" \
			--groups="${group:-$(id -g "$user")}" \
			/usr/lib/cockpit/cockpit-ws --no-tls --address=127.0.0.1 --port="$port" --local-session=cockpit-bridge
		' sh "$dir/etc" "$user" "$group" "$port" >"$dir/$name.log" 2>&1 &
	pid_of[$name]=$!
	until_true 60 port_listens "$port"
	# shellcheck disable=SC2034 # the stories use it
	page_of[$name]=http://127.0.0.1:$port/cockpit/@localhost/virt-attest/index.html
}

# Administrative access, as the button in Cockpit's head turns it on; the page
# then begins anew by itself.
become_administrator() {
	browser run "return cockpit.dbus(null, {bus: 'internal'})
		.call('/superuser', 'cockpit.Superuser', 'Start', ['sudo']).then(() => true)" >/dev/null || fail "no administrative access"
}

# start_browser WIDTH HEIGHT
start_browser() {
	local port
	port=$(free_port)
	chromedriver --port="$port" >"$dir/chromedriver.log" 2>&1 &
	pid_of[driver]=$!
	until_true 60 port_listens "$port"
	BROWSER=$(browser open "http://127.0.0.1:$port" "$dir/profile" "$1" "$2") || fail "no browser"
	export BROWSER
}
stop_browser() {
	browser close >/dev/null
	unset BROWSER
	stop driver
}
# Chromium outlives a driver that is killed.
at_end() { [ -z "${BROWSER-}" ] || stop_browser; }
