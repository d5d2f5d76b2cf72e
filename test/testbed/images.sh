#!/usr/bin/env bash
# The images that the tests and the demo run, made without a registry where none can be reached.
#
#   images.sh old       segue-testbed/nginx:old, older than 1.27.4: the distribution's (1.22 on Debian 12)
#   images.sh new       segue-testbed/nginx:new, 1.27.4 or later: from modern.sh's chroot
#   images.sh host      no image: the distribution's nginx on this machine, installed and not started
#   images.sh sample    segue-testbed/sample:1 to :9, one sample service under nine versions
#
# Each does nothing where the image is there; sample is made again when bin/sample changed.
# DOCKER_HOST says for which engine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./common.sh

have() { [ -n "$(docker image ls -q "$1")" ]; }

# pull TAG IMAGE takes the official image where a registry can be reached within a few seconds.
pull() {
	[ -z "${SEGUE_OFFLINE:-}" ] || return 1
	timeout 5 bash -c 'exec 3<>/dev/tcp/registry-1.docker.io/443' 2>/dev/null || return 1
	timeout 90 docker pull -q "$2" >/dev/null 2>&1 && docker tag "$2" "$1"
}

# libraries ROOT BINARY prints the shared libraries that BINARY needs, as paths below ROOT.
libraries() {
	local lister=(ldd)
	[ "$1" = / ] || lister=(chroot "$1" ldd)
	"${lister[@]}" "$2" | grep -oE '/[^ ]+'
}

# copy ROOT TO PATH... puts files and what their links point to below TO.
copy() {
	local root=$1 to=$2 path
	shift 2
	for path in "$@"; do
		mkdir -p "$to$(dirname "$path")"
		cp -L "${root%/}$path" "$to$path"
	done
}

# nginx_rootfs ROOT TO lays out what the official image has where it matters.
nginx_rootfs() {
	local root=$1 to=$2 library busybox
	busybox=$(static_busybox)
	mkdir -p "$to"/{tmp,run,usr/bin,usr/sbin,bin,etc/nginx/conf.d,etc/nginx/segue,var/log/nginx,var/lib/nginx,var/cache/nginx,usr/share/nginx/html}
	ln -s ../run "$to/var/run"
	chmod 1777 "$to/tmp"
	copy "$root" "$to" /usr/sbin/nginx /etc/nginx/mime.types
	libraries "$root" /usr/sbin/nginx | while read -r library; do copy "$root" "$to" "$library"; done
	# cat, sh and a few more, for those who look into a container.
	cp -L "$busybox" "$to/bin/busybox"
	local tool
	for tool in sh cat ls ps sleep kill; do ln -s busybox "$to/bin/$tool"; done
	printf 'root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/nonexistent:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$to/etc/passwd"
	printf 'root:x:0:\nnginx:x:101:\nnogroup:x:65534:\n' >"$to/etc/group"
	ln -s /dev/stdout "$to/var/log/nginx/access.log"
	ln -s /dev/stderr "$to/var/log/nginx/error.log"
	cp nginx.conf "$to/etc/nginx/nginx.conf"
}

static_busybox() {
	local candidate
	for candidate in "$MODERN/bin/busybox" /bin/busybox /usr/bin/busybox; do
		if [ -x "$candidate" ] && ! ldd "$candidate" >/dev/null 2>&1; then
			echo "$candidate"
			return 0
		fi
	done
	install_missing busybox=busybox-static
	type -P busybox
}

import_nginx() {
	local tag=$1 root=$2 dir
	dir=$(mktemp -d)
	# shellcheck disable=SC2064 # the directory of now
	trap "rm -rf '$dir'" RETURN
	nginx_rootfs "$root" "$dir"
	tar -C "$dir" --owner=0 --group=0 -c . | docker import \
		--change 'CMD ["nginx", "-g", "daemon off;"]' --change 'EXPOSE 80' \
		--change 'ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin' - "$tag" >/dev/null
	say "made $tag ($("${@:3}" 2>&1))"
}

# by_root TAG IMAGE ends where only root can make an image that cannot be taken from a registry.
by_root() {
	is_root || give_up "no registry gives $2 for $1: let root make it once (DOCKER_HOST=${DOCKER_HOST:-} $PWD/images.sh ${1##*:}), or: docker tag YOURS $1"
}

old() {
	local tag=segue-testbed/nginx:old
	have "$tag" && return 0
	pull "$tag" nginx:1.22 && return 0
	by_root "$tag" nginx:1.22
	install_missing nginx=nginx
	import_nginx "$tag" / /usr/sbin/nginx -v
}

host() { install_missing nginx=nginx; }

new() {
	local tag=segue-testbed/nginx:new
	have "$tag" && return 0
	pull "$tag" nginx:1.30 && return 0
	by_root "$tag" nginx:1.30
	./modern.sh fetch
	import_nginx "$tag" "$MODERN" chroot "$MODERN" /usr/sbin/nginx -v
}

sample() {
	local binary=../../bin/sample sum version dir
	[ -x "$binary" ] || give_up "no bin/sample: make build first"
	sum=$(sha256sum "$binary" | cut -c 1-16)
	[ "$(docker image inspect -f '{{index .Config.Labels "sum"}}' segue-testbed/sample:9 2>/dev/null)" = "$sum" ] && return 0
	dir=$(mktemp -d)
	# shellcheck disable=SC2064 # the directory of now
	trap "rm -rf '$dir'" RETURN
	mkdir -p "$dir/tmp"
	cp "$binary" "$dir/sample"
	for version in 1 2 3 4 5 6 7 8 9; do
		tar -C "$dir" --owner=0 --group=0 --mtime=@0 -c . | docker import --change 'ENTRYPOINT ["/sample"]' \
			--change "ENV VERSION=$version" --change 'EXPOSE 8080' --change "LABEL sum=$sum" \
			- "segue-testbed/sample:$version" >/dev/null
	done
	say "made segue-testbed/sample:1 to :9"
}

[ "$#" -gt 0 ] || give_up "usage: images.sh old|new|host|sample..."
for image in "$@"; do
	case $image in
	old | new | host | sample) locked "image-$image" "$image" ;;
	*) give_up "no image $image" ;;
	esac
done
