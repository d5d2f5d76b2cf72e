#!/usr/bin/env bash
# Engines of their own for a while.
#
#   engines.sh with KINDS COMMAND...   run COMMAND while one engine runs for each of KINDS, as "own own modern"; their
#                                      scripts and names are in SEGUE_E2E_ENGINES, as "own.sh:1 own.sh:2 modern.sh:1"
#   engines.sh one COMMAND...          run COMMAND beside one of this machine's own
#
# Who is not root has the one engine that can be reached. Images are made; they are kept for the next time.
# Several may do so at once: each has engines of its own. They end with COMMAND.
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./common.sh

claimed=()
slots=

# claim SCRIPT sets name to one that nobody else holds, for as long as this shell lives.
claim() {
	local script=$1 descriptor
	mkdir -p "$TESTBED/slots"
	for name in 1 2 3 4 5 6 7 8 9; do
		exec {descriptor}>"$TESTBED/slots/${script%.sh}-test$name"
		if flock -n "$descriptor"; then
			slots="$slots $descriptor"
			name=test$name
			return 0
		fi
		exec {descriptor}>&-
	done
	give_up "nine tests run already"
}

# up starts the engine NAME of SCRIPT and makes its images.
up() {
	local script=$1
	shift
	SEGUE_ENGINE=$1 "./$script" start >/dev/null
	SEGUE_ENGINE=$1 "./$script" run "$PWD/images.sh" old new sample
}

# down stops what was started, whatever happened.
down() {
	local pair
	for pair in "${claimed[@]}"; do
		SEGUE_ENGINE=${pair#*:} "./${pair%%:*}" stop &
	done
	wait
}

with() {
	local kind starting=() pid
	trap down EXIT
	for kind in $1; do
		claim "$kind.sh"
		claimed+=("$kind.sh:$name")
	done
	for pair in "${claimed[@]}"; do
		up "${pair%%:*}" "${pair#*:}" &
		starting+=($!)
	done
	for pid in "${starting[@]}"; do wait "$pid"; done
	shift
	export SEGUE_E2E_ENGINES="${claimed[*]}"
	run "$@"
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
	claim own.sh
	claimed=("own.sh:$name")
	up own.sh "$name"
	SEGUE_ENGINE=$name run "$PWD/own.sh" run "$@"
}

# alone is for who can start no engine.
alone() {
	./engine.sh start
	./images.sh old new sample
	cd "$called_from"
	exec "$@"
}

[ "$#" -gt 1 ] || give_up "usage: engines.sh with KINDS COMMAND... | one COMMAND..."
case $1 in
with)
	shift
	is_root || { shift && alone "$@"; }
	with "$@"
	;;
one)
	shift
	is_root || alone "$@"
	one "$@"
	;;
*) give_up "engines.sh cannot $1" ;;
esac
