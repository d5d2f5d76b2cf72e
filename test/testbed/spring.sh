#!/usr/bin/env bash
# Spring Cloud as people run it, in two generations: boot4 (Boot 4.0, Cloud 2025.1) and boot2 (Boot 2.7, Cloud 2021.0).
#
#   spring.sh jars GENERATION       build them from ../spring, once for each state of it; prints the directory with
#                                   eureka.jar, gateway.jar and service.jar
#   spring.sh provide GENERATION    all that comes from elsewhere: the packages, the jars, the JVM
#   spring.sh possible GENERATION   whether they are there or can be built; says why not
#   spring.sh images GENERATION     segue-testbed/GENERATION-eureka:1, -gateway:1 to :3 and -service:1 to :9
#   spring.sh serve GENERATION ADDRESS[,PEER...] [NAME=VALUE...]
#                                   run its Eureka server at http://ADDRESS:8761/eureka until it is killed
#
# JDK 17 and Maven are installed where they lack. What Maven fetches stays in ~/.m2. DOCKER_HOST says for which engine
# images are made.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./common.sh

SPRING=$TESTBED/spring
# The JVM's modules that Spring, Tomcat and Netty use.
MODULES=java.base,java.logging,java.xml,java.naming,java.desktop,java.management,java.instrument,java.sql,java.net.http
MODULES+=,java.security.jgss,jdk.crypto.ec,jdk.unsupported,jdk.management,jdk.zipfs,java.compiler,java.scripting
# For a small machine that starts many: no second compiler, little memory.
JVM='"-XX:TieredStopAtLevel=1","-XX:+UseSerialGC","-Xss512k","-Xmx160m"'

toolchain() { install_missing unzip=unzip javac=openjdk-17-jdk-headless jlink=openjdk-17-jdk-headless mvn=maven; }

generation() {
	case $1 in
	boot4 | boot2) ;;
	*) give_up "no generation $1: boot4 or boot2" ;;
	esac
}

# sum names the state of the sources.
sum() { (cd ../spring && find . -type f -not -path '*/target/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16); }

jars() {
	local to work
	to=$SPRING/$1-$(sum)
	if [ ! -d "$to" ]; then
		toolchain
		work=$(mktemp -d)
		cp -r ../spring "$work/"
		say "building Spring applications, $1"
		(cd "$work/spring" && nice mvn -q -B -ntp -P "$1" package) >"$TESTBED/maven-$1.log" 2>&1 ||
			give_up "maven: $(tail -n 3 "$TESTBED/maven-$1.log") (all of it: $TESTBED/maven-$1.log)"
		# Those of earlier sources are of no use.
		rm -rf "${SPRING:?}/$1"-*
		mkdir -p "$to.part"
		cp "$work"/spring/{eureka,gateway,service}/target/*.jar "$to.part/"
		mv "$to.part" "$to"
		rm -rf "$work"
	fi
	echo "$to"
}

# possible says in one line why there is nothing to build from.
possible() {
	local repository
	[ ! -d "$SPRING/$1-$(sum)" ] || return 0
	install_missing curl=curl
	repository=$(sed -n 's:.*<url>\(http.*\)</url>.*:\1:p' ~/.m2/settings.xml 2>/dev/null | head -n 1) || true
	repository=${repository:-https://repo.maven.apache.org/maven2/}
	curl -sS -o /dev/null -m 10 --retry 2 "$repository" 2>/dev/null && return 0
	echo "the stories with Spring's servers are left out: the Maven repository $repository cannot be reached, and they were never built here" >&2
	return 1
}

# runtime makes a JVM with what these applications need.
runtime() {
	[ -d "$SPRING/jre" ] && return 0
	toolchain
	mkdir -p "$SPRING"
	rm -rf "$SPRING/jre.part"
	jlink --add-modules "$MODULES" --strip-debug --no-header-files --no-man-pages --output "$SPRING/jre.part"
	"$SPRING/jre.part/bin/java" -Xshare:dump >/dev/null
	mv "$SPRING/jre.part" "$SPRING/jre"
}

# unpacked lays out a jar so that the JVM can archive its classes: app.jar and lib beside it.
unpacked() {
	local jar=$1 to=$2
	unzip -q "$jar" -d "$to/boot"
	mv "$to/boot/BOOT-INF/lib" "$to/lib"
	{
		echo "Main-Class: $(sed -n 's/^Start-Class: *//p' "$to/boot/META-INF/MANIFEST.MF" | tr -d '\r')"
		echo "Class-Path: $(cd "$to" && ls lib/*.jar | tr '\n' ' ')" | fold -b -w 70 | sed '2,$s/^/ /'
	} >"$to/manifest"
	jar --create --file "$to/app.jar" --manifest "$to/manifest" -C "$to/boot/BOOT-INF/classes" .
	rm -rf "$to/boot" "$to/manifest"
}

# rootfs lays out an image: the JVM, the libraries that it links to, and one jar.
rootfs() {
	local to=$1 jar=$2 library
	mkdir -p "$to"/{tmp,etc,app}
	chmod 1777 "$to/tmp"
	cp -r "$SPRING/jre" "$to/jre"
	find "$SPRING/jre" -type f \( -name '*.so' -o -path '*/bin/java' \) -exec ldd {} + 2>/dev/null |
		grep -oE '/[^ ]+\.so[^ ]*' | grep -v "^$SPRING" | sort -u | while read -r library; do
		mkdir -p "$to$(dirname "$library")"
		cp -L "$library" "$to$library"
	done
	unpacked "$jar" "$to/app"
	printf 'root:x:0:0:root:/root:/bin/false\n' >"$to/etc/passwd"
	printf 'hosts: files dns\n' >"$to/etc/nsswitch.conf"
}

# recipe is all that an image depends on beside its jar.
recipe() {
	echo "$MODULES $JVM"
	declare -f unpacked rootfs image
}

# image NAME JAR VERSIONS makes NAME:1 from a jar, and NAME:2 and so on, which differ in VERSION only. The JVM starts
# once before: an archive of the classes that it loaded halves what a start costs.
image() {
	local name=$1 jar=$2 versions=$3 state dir container version
	state=$(basename "$(dirname "$jar")")-$(recipe | sha256sum | cut -c 1-8)
	[ "$(docker image inspect -f '{{index .Config.Labels "state"}}' "$name:$versions" 2>/dev/null)" = "$state" ] && return 0
	dir=$(mktemp -d)
	rootfs "$dir" "$jar"
	tar -C "$dir" --owner=0 --group=0 -c . |
		docker import --change "ENTRYPOINT [\"/jre/bin/java\",$JVM,\"-jar\",\"/app/app.jar\"]" - "$name:raw" >/dev/null
	rm -rf "$dir"
	container=$(docker run -d -e JAVA_TOOL_OPTIONS=-XX:ArchiveClassesAtExit=/app/app.jsa "$name:raw")
	wait_for 180 started "$container" || give_up "$name does not start: $(docker logs --tail 5 "$container" 2>&1)"
	docker stop -t 120 "$container" >/dev/null
	for version in $(seq 1 "$versions"); do
		docker commit --change "ENTRYPOINT [\"/jre/bin/java\",$JVM,\"-XX:SharedArchiveFile=/app/app.jsa\",\"-jar\",\"/app/app.jar\"]" \
			--change 'ENV JAVA_TOOL_OPTIONS=' --change "ENV VERSION=$version" --change "LABEL state=$state" "$container" "$name:$version" >/dev/null
	done
	docker rm "$container" >/dev/null
	say "made $name"
}

started() { docker logs "$1" 2>&1 | grep -q ' Started [A-Za-z]*Application in '; }

provide() {
	toolchain
	locked "spring-$1" jars "$1" >/dev/null
	locked spring-jre runtime
}

images() {
	local jars
	jars=$(locked "spring-$1" jars "$1")
	locked spring-jre runtime
	image "segue-testbed/$1-eureka" "$jars/eureka.jar" 1
	image "segue-testbed/$1-gateway" "$jars/gateway.jar" 3
	image "segue-testbed/$1-service" "$jars/service.jar" 9
}

serve() {
	local address=$2 peers='' peer jars
	jars=$(locked "spring-$1" jars "$1")
	for peer in ${address//,/ }; do
		[ "$peer" = "${address%%,*}" ] || peers+=${peers:+,}http://${peer}:8761/eureka/
	done
	address=${address%%,*}
	shift 2
	# Peers are each other's clients, as Spring's documentation has them.
	[ -z "$peers" ] || set -- PEERS="$peers" EUREKA_CLIENT_REGISTERWITHEUREKA=true EUREKA_CLIENT_FETCHREGISTRY=true "$@"
	exec env HOST="$address" SERVER_ADDRESS="$address" "$@" \
		java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx192m -jar "$jars/eureka.jar"
}

[ "$#" -ge 2 ] || give_up "usage: spring.sh jars|provide|possible|images|serve GENERATION..."
generation "$2"
case $1 in
jars) locked "spring-$2" jars "$2" ;;
provide) provide "$2" ;;
possible) possible "$2" ;;
images) locked "spring-image-$2" images "$2" ;;
serve) serve "${@:2}" ;;
*) give_up "usage: spring.sh jars|provide|possible|images|serve GENERATION..." ;;
esac
