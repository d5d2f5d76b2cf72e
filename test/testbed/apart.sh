# A Docker Engine in a network and mounts of its own. Sourced by own.sh and modern.sh, never run; they define
#
#   KIND        what they call their engines
#   prepare     fetches or installs what is needed
#   inside      runs as the first process of the new namespaces, and becomes dockerd
#   DAEMON      is the command that it becomes; its configuration is $APART/daemon.json
#
# SEGUE_ENGINE names one of several engines, each with its own data and network.

APART_NAME=$KIND${SEGUE_ENGINE:+-$SEGUE_ENGINE}
APART=$TESTBED/$APART_NAME
APART_SOCKET=$APART/docker.sock
APART_SCRIPT=$PWD/$(basename "$0")

answers() { DOCKER_HOST=unix://$APART_SOCKET docker version >/dev/null 2>&1; }

# start runs the engine in a network of its own, or in that of the caller with "here".
start() {
	answers && return 0
	is_root || give_up "an engine of its own needs root"
	prepare
	install_missing unshare=util-linux ip=iproute2
	mkdir -p "$APART"
	rm -f "$APART_SOCKET"
	echo '{}' >"$APART/daemon.json"
	local network=--net
	[ "${1:-}" != here ] || network=
	(
		local descriptor
		# What the caller holds open, locks above all, is none of the engine's.
		for descriptor in /proc/"$BASHPID"/fd/*; do
			descriptor=${descriptor##*/}
			[ "$descriptor" -le 2 ] || exec {descriptor}>&-
		done
		# shellcheck disable=SC2086 # no argument where there is none
		exec setsid --fork nohup unshare $network --mount bash -c 'echo $$ >"$1/holder.pid"; exec bash "$2" inside' - \
			"$APART" "$APART_SCRIPT" >"$APART/dockerd.log" 2>&1 </dev/null
	)
	wait_for 30 answers || give_up "engine $APART does not answer: $(tail -n 1 "$APART/dockerd.log")"
}

# stop ends its containers too, whatever live said.
stop() {
	! lives true || live off
	halt
}

halt() { stop_pid "$APART/holder.pid" dockerd; }

lives() { [ "$(DOCKER_HOST=unix://$APART_SOCKET docker info -f '{{.LiveRestoreEnabled}}' 2>/dev/null)" = "$1" ]; }

# live says whether containers live on while the engine is away.
live() {
	local wanted=false
	[ "$1" = off ] || wanted=true
	echo "{\"live-restore\": $wanted}" >"$APART/daemon.json"
	kill -HUP "$(cat "$APART/holder.pid")"
	wait_for 10 lives "$wanted" || give_up "engine $APART does not take live-restore: $(tail -n 1 "$APART/dockerd.log")"
}

# again runs the engine anew where the one before was: its containers are there.
again() {
	local pid
	pid=$(cat "$APART/holder.pid")
	exec 6<"/proc/$pid/ns/mnt" 7<"/proc/$pid/ns/net"
	halt
	# shellcheck disable=SC2016 # expanded there
	setsid --fork nohup bash -c 'echo $$ >"$1"; shift; exec nsenter --mount=/proc/self/fd/6 --net=/proc/self/fd/7 -- sh -c "exec 6<&- 7<&-; exec \"\$@\"" - "$@"' - \
		"$APART/holder.pid" "${DAEMON[@]}" >>"$APART/dockerd.log" 2>&1 </dev/null
	exec 6<&- 7<&-
	wait_for 30 answers || give_up "engine $APART does not answer: $(tail -n 1 "$APART/dockerd.log")"
}

# restart keeps the network: who is in it goes on to reach the containers. What lives on keeps all else as well.
restart() {
	if lives true; then
		locked "$APART_NAME" again
		return
	fi
	exec 7<"/proc/$(cat "$APART/holder.pid")/ns/net"
	locked "$APART_NAME" stop 7>&-
	exec nsenter --net=/proc/self/fd/7 bash -c 'exec 7<&- "$0" start-here' "$APART_SCRIPT"
}

# clear removes what an interrupted run left on the engine: every container and network. Images stay.
clear() {
	local left
	export DOCKER_HOST=unix://$APART_SOCKET
	left=$(docker ps --all --quiet)
	# shellcheck disable=SC2086 # one argument for each
	[ -z "$left" ] || docker rm --force --volumes $left >/dev/null
	docker network prune --force >/dev/null
}

# beside runs a command in the engine's network, from the directory that $called_from names.
beside() {
	export DOCKER_HOST=unix://$APART_SOCKET SEGUE_ENGINE_SCRIPT=$APART_SCRIPT
	cd "$called_from"
	exec nsenter --net="/proc/$(cat "$APART/holder.pid")/ns/net" -- "$@"
}

# apart does what own.sh and modern.sh have in common.
apart() {
	case ${1:-} in
	start)
		locked "$APART_NAME" start
		echo "DOCKER_HOST=unix://$APART_SOCKET"
		;;
	stop) locked "$APART_NAME" stop ;;
	restart) restart ;;
	live) live "${2:-on}" ;;
	clear) clear ;;
	start-here) locked "$APART_NAME" start here ;;
	run)
		shift
		locked "$APART_NAME" start
		beside "$@"
		;;
	pid) cat "$APART/holder.pid" ;;
	inside) inside ;;
	*) give_up "usage: $(basename "$0") start|stop|restart|live on|live off|clear|pid|run COMMAND..." ;;
	esac
}
