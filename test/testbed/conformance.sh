#!/usr/bin/env bash
# Holds real Eureka servers to the cases of controller/eureka/conformance: one that is alone, and one of two peers.
#
#   conformance.sh GENERATION [TEST FLAG...]     the servers of spring.sh, on loopback addresses of their own
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./common.sh

work=${SEGUE_CONFORMANCE:-}
base() { echo "http://$1:8761/eureka"; }
answers() { curl -fs -o /dev/null -H 'Accept: application/json' "$(base "$1")/apps"; }

# begin ADDRESS[,PEER] [NAME=VALUE...] starts a server whose response cache turns every 2 s.
begin() {
	local address=${1%%,*}
	setsid --fork bash -c 'echo $$ >"$1"; shift; exec "$@"' - "$work/$address.pid" \
		./spring.sh serve "$generation" "$1" EUREKA_SERVER_RESPONSECACHEUPDATEINTERVALMS=2000 "${@:2}" \
		>>"$work/$address.log" 2>&1 </dev/null
}
await() { wait_for 90 answers "$1" || give_up "no Eureka server at $1: $(tail -n 3 "$work/$1.log")"; }
# Alone: whoever is silent is dropped. Its neighbour is as Spring's are: with so few clients it drops nobody, ever.
alone() { begin 127.61.0.1 EUREKA_SERVER_ENABLESELFPRESERVATION=false; }
end() { stop_pid "$work/$1.pid" java; }

suite() { (cd ../.. && go test ./controller/eureka/conformance -run TestAServerConforms -count=1 "${flags[@]}" -args "$@"); }

whole() {
	local failed address
	./spring.sh jars "$generation" >/dev/null
	alone
	begin 127.61.0.2
	begin 127.61.0.3,127.61.0.4
	begin 127.61.0.4,127.61.0.3
	for address in 127.61.0.{1,2,3,4}; do await "$address"; done
	say "$generation, alone"
	suite -server "$(base 127.61.0.1)" -response-cache 2s -empty -expires -preserving "$(base 127.61.0.2)" \
		-restart "$PWD/conformance.sh $generation restart" || failed=1
	say "$generation, two peers"
	suite -server "$(base 127.61.0.3)" -response-cache 2s -peer "$(base 127.61.0.4)" || failed=1
	return "${failed:-0}"
}

generation=${1:-}
[ -n "$generation" ] || give_up "usage: conformance.sh GENERATION [TEST FLAG...]"
if [ "${2:-}" = restart ]; then
	end 127.61.0.1
	alone
	await 127.61.0.1
	exit
fi
flags=("${@:2}")
SEGUE_CONFORMANCE=$(mktemp -d)
export SEGUE_CONFORMANCE
work=${SEGUE_CONFORMANCE:-}
trap 'for address in 127.61.0.{1,2,3,4}; do end "$address"; done; rm -rf "$work"' EXIT
whole
