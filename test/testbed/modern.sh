#!/usr/bin/env bash
# A current Docker Engine (28.5) and a current nginx (1.30) beside Debian 12's, from Debian's own packages, in a
# directory of their own.
#
#   modern.sh fetch     make the chroot once (about a minute, 530 MB); does nothing where it exists
#   modern.sh start     run its engine in namespaces of its own; prints DOCKER_HOST
#   modern.sh stop      stop that engine, and with it every container of it
#   modern.sh restart   stop and start: what a host's reboot does to containers; its network stays the same
#   modern.sh live on|off    Docker's live-restore: whether containers live on while the engine restarts
#   modern.sh clear     remove every container and network, which an interrupted run left; images are kept
#   modern.sh pid       the namespaces' holder: reach containers with  nsenter -t PID -n
#   modern.sh run COMMAND...    run COMMAND beside that engine: in its network, with DOCKER_HOST and SEGUE_E2E_DIR set
#   modern.sh env       the paths, as shell assignments
#
# SEGUE_ENGINE=NAME makes it another engine, beside the one without a name.
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./common.sh
KIND=engine
. ./apart.sh

# Paths as that engine sees them.
DAEMON=(/usr/sbin/dockerd -H unix:///engine/docker.sock --config-file /engine/daemon.json --data-root "/var/lib/docker${SEGUE_ENGINE:+-$SEGUE_ENGINE}"
	--exec-root /run/docker --pidfile /run/docker.pid)

prepare() { locked fetch fetch; }

# mirror prints the Debian mirror that this host's apt uses.
mirror() {
	local found
	found=$(sed -nE 's/^URIs:[[:space:]]*([^[:space:]]+\/debian)\/?([[:space:]].*)?$/\1/p; s/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+\/debian)\/?[[:space:]].*$/\2/p' \
		/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
	printf '%s\n' "${found:-http://deb.debian.org/debian}"
}

fetch() {
	[ -e "$MODERN/.complete" ] && return 0
	is_root || give_up "the second engine needs root"
	install_missing debootstrap=debootstrap
	local script=/usr/share/debootstrap/scripts
	[ -e "$script/forky" ] || ln -s sid "$script/forky"
	# An abandoned try is swept first.
	rm -rf --one-file-system "$MODERN.part"
	say "fetching engine 28.5 and nginx 1.30 from $(mirror) (about a minute)"
	debootstrap --variant=minbase --include=nginx,docker.io,iptables,procps,ca-certificates,busybox-static \
		forky "$MODERN.part" "$(mirror)" >"$TESTBED/debootstrap.log" 2>&1 ||
		give_up "debootstrap: $(tail -n 1 "$TESTBED/debootstrap.log") (all of it: $TESTBED/debootstrap.log)"
	rm -rf --one-file-system "$MODERN.part/var/cache/apt/archives"
	touch "$MODERN.part/.complete"
	rm -rf --one-file-system "$MODERN"
	mv "$MODERN.part" "$MODERN"
}

# inside runs as the first process of the new mount and network namespaces; only it sees these mounts.
inside() {
	mount --make-rprivate /
	mount --bind "$MODERN" "$MODERN"
	mkdir -p "$MODERN/engine" "$MODERN/host" "$MODERN/var/lib/docker${SEGUE_ENGINE:+-$SEGUE_ENGINE}"
	mount --bind /dev "$MODERN/dev"
	mount --bind /dev/shm "$MODERN/dev/shm"
	mount --rbind /sys "$MODERN/sys"
	mount -t proc proc "$MODERN/proc"
	mount -t tmpfs tmpfs "$MODERN/run"
	mount -t tmpfs tmpfs "$MODERN/tmp"
	mount --bind "$APART" "$MODERN/engine"
	# Bind mounts of containers name paths of the host; what lies here has the same path inside.
	mkdir -p "$SHARED" "$MODERN/$SHARED" "$MODERN/$APART"
	mount --bind "$SHARED" "$MODERN/$SHARED"
	mount --bind "$APART" "$MODERN/$APART"
	ip link set lo up
	# Not chroot: `docker exec` enters the root of the mount namespace, which would still be the host's.
	cd "$MODERN"
	pivot_root . host
	exec chroot . /usr/bin/busybox sh -c 'umount -l /host && exec "$@"' - "${DAEMON[@]}"
}

environment() {
	cat <<-END
		SEGUE_MODERN_ROOT=$MODERN
		SEGUE_MODERN_NGINX=$MODERN/usr/sbin/nginx
		SEGUE_MODERN_HOST=unix://$APART_SOCKET
		SEGUE_SHARED=$SHARED
		SEGUE_MODERN_PID=$(cat "$APART/holder.pid" 2>/dev/null || true)
	END
}

case ${1:-} in
fetch) locked fetch fetch ;;
env) environment ;;
*)
	# Bind mounts of its containers name paths below this one.
	export SEGUE_E2E_DIR=$SHARED
	apart "$@"
	;;
esac
