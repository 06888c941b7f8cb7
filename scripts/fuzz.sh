#!/usr/bin/env bash
# Runs every fuzz target of the module in turn, each for the given time.
set -euo pipefail
fuzztime=${1:-30s}

# Each package prints its targets and then a line that starts with "ok" and
# names the package.
listing=$(go test -list '^Fuzz' ./...)
targets=$(awk '/^Fuzz/ { names[n++] = $1 }
	$1 == "ok" { for (i = 0; i < n; i++) print $2, names[i]; n = 0 }' <<<"$listing")
if [[ -z $targets ]]; then
	echo "fuzz: no target found" >&2
	exit 1
fi
while read -r package target; do
	echo "== $package $target"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" "$package" </dev/null
done <<<"$targets"
