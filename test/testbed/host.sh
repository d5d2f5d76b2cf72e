#!/usr/bin/env bash
# A machine with nginx and sshd, as namespaces of this one.
#
#   host.sh prepare                     install what is missing: sshd, ssh, sudo
#   host.sh inside NAME IP DIR [ROOT]   be that machine: to be run by  unshare --net --mount --uts --pid --fork;
#                                       DIR has its /etc/nginx, /run, accounts and keys (host.go makes it), ROOT is
#                                       modern.sh's chroot where its nginx is to be that one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./common.sh

inside() {
	local name=$1 ip=$2 dir=$3 root=${4:-} at
	hostname "$name"
	mount -t proc proc /proc
	for at in nginx:/etc/nginx log:/var/log/nginx lib:/var/lib/nginx passwd:/etc/passwd shadow:/etc/shadow group:/etc/group hosts:/etc/hosts \
		sudoers:/etc/sudoers.d run:/run; do
		mount --bind "$dir/${at%%:*}" "${at#*:}"
	done
	if [ -n "$root" ]; then
		for at in /etc/nginx /var/log/nginx /var/lib/nginx /run /proc /dev; do
			mkdir -p "$root$at"
			mount --bind "$at" "$root$at"
		done
		printf '#!/bin/sh\nexec chroot %s /usr/sbin/nginx "$@"\n' "$root" >"$dir/nginx.sh"
		chmod 0755 "$dir/nginx.sh"
		mount --bind "$dir/nginx.sh" /usr/sbin/nginx
	fi
	ip link set lo up
	wait_for 10 ip link show eth0 || give_up "$name: no eth0"
	ip address add "$ip/24" dev eth0
	ip link set eth0 up
	mkdir -p /run/sshd
	nginx
	/usr/sbin/sshd -e -f "$dir/sshd_config" -E /var/log/nginx/sshd.log
	exec sleep infinity
}

case ${1:-} in
prepare)
	is_root || give_up "machines need root"
	install_missing sshd=openssh-server ssh=openssh-client ssh-keygen=openssh-client sudo=sudo ip=iproute2 unshare=util-linux
	;;
inside)
	shift
	inside "$@"
	;;
*) give_up "usage: host.sh prepare|inside NAME IP DIR [ROOT]" ;;
esac
