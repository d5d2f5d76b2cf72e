#!/usr/bin/env bash
# This machine's own Docker Engine, 20.10 on Debian 12, run once more beside the one that may be there: in a network and
# mounts of its own, so that tests may do to it what they want, and several at a time.
#
#   own.sh start     run it; prints DOCKER_HOST
#   own.sh stop      stop it, and with it every container of it
#   own.sh restart   stop and start: what a host's reboot does to containers; its network stays the same
#   own.sh live on|off    Docker's live-restore: whether containers live on while the engine restarts
#   own.sh clear     remove every container and network, which an interrupted run left; images are kept
#   own.sh pid       the namespaces' holder: reach containers with  nsenter -t PID -n
#   own.sh run COMMAND...    run COMMAND beside it: in its network, with DOCKER_HOST set
#
# SEGUE_ENGINE=NAME makes it another engine, beside the one without a name. Its images are kept.
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./common.sh
KIND=own
. ./apart.sh

DAEMON=(env "PATH=$PATH:/usr/sbin:/sbin" dockerd -H "unix://$APART_SOCKET" --config-file "$APART/daemon.json" --data-root "$APART/data"
	--exec-root /run/docker --pidfile /run/docker.pid)

prepare() { install_engine; }

# inside sees this machine's files, but a /run of its own.
inside() {
	mount --make-rprivate /
	mount -t tmpfs tmpfs /run
	ip link set lo up
	exec "${DAEMON[@]}"
}

apart "$@"
