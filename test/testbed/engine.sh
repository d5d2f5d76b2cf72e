#!/usr/bin/env bash
# A Docker Engine for the tests: the one that is there, else Debian's own, installed and started by hand.
#
#   engine.sh start     make sure that one answers
#   engine.sh with COMMAND...    run COMMAND while one answers
#   engine.sh stop      stop it, if it was started here
#   engine.sh ours      succeeds if it was started here
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./common.sh

answers() { docker version >/dev/null 2>&1; }

start() {
	answers && return 0
	[ -z "${DOCKER_HOST:-}" ] || give_up "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST"
	is_debian && is_root ||
		give_up "no Docker Engine can be reached: start one, or set DOCKER_HOST (on Debian, root need do nothing)"
	install_engine
	mkdir -p "$ENGINE_RUN"
	# A pid file of an engine that was killed would keep this one from starting.
	[ ! -e /var/run/docker.pid ] || [ -e "/proc/$(cat /var/run/docker.pid)/exe" ] || rm -f /var/run/docker.pid
	setsid --fork nohup bash -c 'echo $$ >"$1"; exec dockerd' - "$ENGINE_RUN/dockerd.pid" \
		>"$ENGINE_RUN/dockerd.log" 2>&1 </dev/null
	wait_for 30 answers || give_up "dockerd does not answer: $(tail -n 1 "$ENGINE_RUN/dockerd.log")"
	say "started a Docker Engine (stop it with make clean)"
}

stop() { stop_pid "$ENGINE_RUN/dockerd.pid" dockerd; }

# during leaves things as they were.
during() {
	answers || {
		trap 'locked engine stop' EXIT
		locked engine start
	}
	./images.sh old new sample
	(cd "$called_from" && exec "$@")
}

case ${1:-} in
with)
	shift
	during "$@"
	;;
start) locked engine start ;;
stop) locked engine stop ;;
ours) [ -e "$ENGINE_RUN/dockerd.pid" ] ;;
*) give_up "usage: engine.sh start|stop|with COMMAND...|ours" ;;
esac
