#!/usr/bin/env bash
# Runs every fuzz target in turn, each for the given time: those of the module
# here, then those of the modules in the folders that are named after it.
set -euo pipefail
fuzztime=${1:-30s}
shift || true

fuzz() {
	# Each package prints its targets and then a line that starts with "ok" and
	# names the package.
	local listing targets package target
	listing=$(go test -list '^Fuzz' ./...)
	targets=$(awk '/^Fuzz/ { names[n++] = $1 }
		$1 == "ok" { for (i = 0; i < n; i++) print $2, names[i]; n = 0 }' <<<"$listing")
	if [[ -z $targets ]]; then
		echo "fuzz: no target found in $PWD" >&2
		exit 1
	fi
	# Each input that reaches new code would be made smaller for up to a minute, in
	# which nothing is fuzzed and which a run's end may fall into.
	while read -r package target; do
		echo "== $package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" -fuzzminimizetime 100x "$package" </dev/null
	done <<<"$targets"
}

fuzz
for module in "$@"; do
	(cd "$module" && fuzz)
done
