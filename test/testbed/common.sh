# Shared by the testbed's scripts: where things are kept, and how they speak.
# Sourced, never run.

if [ -n "${SEGUE_TESTBED:-}" ]; then
	TESTBED=$SEGUE_TESTBED
elif [ "$(id -u)" -eq 0 ]; then
	TESTBED=/var/cache/segue-testbed
else
	TESTBED=${XDG_CACHE_HOME:-$HOME/.cache}/segue-testbed
fi
MODERN=$TESTBED/forky
# What tests bind into containers lies here: it has the same path for both engines.
SHARED=$TESTBED/shared
ENGINE_RUN=$TESTBED/host-engine

say() { printf 'testbed: %s\n' "$*" >&2; }

give_up() {
	say "$*"
	exit 1
}

is_debian() { [ -r /etc/debian_version ] && command -v apt-get >/dev/null; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# install_missing COMMAND=PACKAGE... installs the packages whose command is not there.
install_missing() {
	local pair missing=()
	for pair in "$@"; do
		PATH=$PATH:/usr/sbin:/sbin type -P "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
	done
	[ "${#missing[@]}" -gt 0 ] || return 0
	is_debian && is_root || give_up "please install ${missing[*]} (only on Debian, and as root, is it done for you)"
	locked install install "${missing[@]}"
}

# install installs packages, and starts nothing of theirs.
install() {
	say "installing $*"
	# RUNLEVEL keeps the packages' services from being started.
	export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
	apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 && return 0
	apt-get update >/dev/null || give_up "apt-get update: see above"
	apt-get install -y --no-install-recommends "$@" >/dev/null || give_up "install $*: see above"
}

# install_engine installs the distribution's Docker Engine, and starts nothing.
install_engine() {
	install_missing dockerd=docker.io iptables=iptables
	install_missing docker=docker-cli
}

# locked NAME COMMAND... runs COMMAND while nobody else does so under NAME.
locked() {
	local name=$1
	shift
	mkdir -p "$TESTBED"
	(
		flock 8
		"$@" 8>&-
	) 8>"$TESTBED/$name.lock"
}

# wait_for SECONDS COMMAND... asks every 0.2 s until COMMAND succeeds.
wait_for() {
	local tries=$(($1 * 5))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.2
	done
}

# stop_pid FILE ends the process whose id FILE holds, if it is still COMMAND, and waits for its end.
stop_pid() {
	local file=$1 name=$2 pid
	[ -r "$file" ] || return 0
	pid=$(cat "$file")
	if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$name" ]; then
		kill "$pid"
		wait_for 20 test ! -e "/proc/$pid" || give_up "$name (pid $pid) does not stop"
	fi
	rm -f "$file"
}
