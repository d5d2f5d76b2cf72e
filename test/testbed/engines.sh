#!/usr/bin/env bash
# Engines of their own for a while.
#
#   engines.sh with KINDS COMMAND...   run COMMAND while one engine runs for each of KINDS, as "own own modern spring";
#                                      kinds, scripts and names are in SEGUE_E2E_ENGINES, as "own=own.sh:test1
#                                      modern=modern.sh:test1 spring=own.sh:spring1"
#   engines.sh one COMMAND...          run COMMAND beside one of this machine's own
#
# A spring engine is one of this machine's own that keeps the images of spring.sh, which its tests make. It is left out
# where they cannot be made.
#
# Who is not root has the one engine that can be reached. Images are made; they are kept for the next time.
# Several may do so at once: each has engines of its own. They end with COMMAND.
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./common.sh

claimed=()
slots=

# claim KIND appends an engine that nobody else holds to claimed, as KIND=SCRIPT:NAME, for as long as this shell lives.
claim() {
	local kind=$1 script=$1.sh prefix=test number descriptor
	[ "$kind" != spring ] || { script=own.sh && prefix=spring; }
	mkdir -p "$TESTBED/slots"
	for number in 1 2 3 4 5 6 7 8 9; do
		exec {descriptor}>"$TESTBED/slots/${script%.sh}-$prefix$number"
		if flock -n "$descriptor"; then
			slots="$slots $descriptor"
			claimed+=("$kind=$script:$prefix$number")
			return 0
		fi
		exec {descriptor}>&-
	done
	give_up "nine tests run already"
}

# provide fetches and installs what images and tests need: from within an engine's network nothing can be reached.
provide() {
	./modern.sh fetch
	./images.sh host
	./host.sh prepare
}

# up starts the engine KIND=SCRIPT:NAME, as one on which nothing ever ran, and makes its images.
up() {
	local at=${1#*=}
	SEGUE_ENGINE=${at#*:} "./${at%%:*}" start >/dev/null
	SEGUE_ENGINE=${at#*:} "./${at%%:*}" clear
	SEGUE_ENGINE=${at#*:} "./${at%%:*}" run "$PWD/images.sh" old new sample
}

# down stops what was started, whatever happened.
down() {
	local at
	for at in "${claimed[@]#*=}"; do
		SEGUE_ENGINE=${at#*:} "./${at%%:*}" stop &
	done
	wait
}

with() {
	local kind starting=() engine pid without='' provided='' code=0
	trap down EXIT
	provide
	for kind in $1; do
		if [ "$kind" = spring ] && ! without=$(./spring.sh possible boot4 2>&1); then
			say "$without"
			continue
		fi
		claim "$kind"
		# What makes images, which tests do, then waits for this.
		[ "$kind" != spring ] || [ -n "$provided" ] || { ./spring.sh provide boot4 & provided=$!; }
	done
	for engine in "${claimed[@]}"; do
		up "$engine" &
		starting+=($!)
	done
	for pid in "${starting[@]}"; do wait "$pid"; done
	shift
	export SEGUE_E2E_ENGINES="${claimed[*]}"
	run "$@" || code=$?
	[ -z "$provided" ] || wait "$provided" || code=1
	[ -z "$without" ] || say "$without"
	return "$code"
}

# run lets COMMAND have its signals, and waits for its end.
run() {
	local descriptor
	(
		for descriptor in $slots; do exec {descriptor}>&-; done
		cd "$called_from"
		exec "$@"
	)
}

one() {
	trap down EXIT
	provide
	claim own
	up "${claimed[0]}"
	SEGUE_ENGINE=${claimed[0]#*:} run "$PWD/own.sh" run "$@"
}

# alone is for who can start no engine.
alone() {
	./engine.sh start
	./images.sh old new sample
	cd "$called_from"
	exec "$@"
}

# tools that tests use beside engines.
tools() { install_missing git=git ssh-keygen=openssh-client; }

[ "$#" -gt 1 ] || give_up "usage: engines.sh with KINDS COMMAND... | one COMMAND..."
case $1 in
with)
	shift
	tools
	if ! is_root; then
		say "left out, because they need root: the stories that mount file systems, make machines, restart the engine, or have Spring's servers"
		shift
		alone "$@"
	fi
	with "$@"
	;;
one)
	shift
	tools
	is_root || alone "$@"
	one "$@"
	;;
*) give_up "engines.sh cannot $1" ;;
esac
