#!/usr/bin/env bash
# Makes sure that the named programs are there: cc, node, chromium, nginx, haproxy. What is
# missing is installed with apt-get where that is possible without a question;
# elsewhere the message says what to install.
set -euo pipefail

have() {
	case $1 in
	# The race detector is linked by a C compiler.
	cc) command -v "${CC:-cc}" || command -v gcc || command -v clang ;;
	node) command -v node && command -v npm ;;
	chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
	nginx | haproxy) PATH=$PATH:/usr/sbin command -v "$1" ;;
	esac >/dev/null 2>&1
}

packages() {
	case $1 in
	cc) echo gcc libc6-dev ;;
	node) echo nodejs npm ;;
	chromium) echo chromium ;;
	nginx) echo nginx ;;
	haproxy) echo haproxy ;;
	esac
}

why() {
	case $1 in
	cc) echo "a C compiler, for the race detector" ;;
	node) echo "node and npm, which run the genuine clients" ;;
	chromium) echo "Chromium, which runs the genuine clients in a browser" ;;
	nginx | haproxy) echo "$1, through which the genuine clients are sent" ;;
	esac
}

missing=()
for name in "$@"; do
	have "$name" || missing+=("$name")
done
((${#missing[@]})) || exit 0

elevate=()
if ((EUID != 0)); then
	elevate=(sudo -n)
fi
if command -v apt-get >/dev/null && "${elevate[@]}" true 2>/dev/null; then
	for name in "${missing[@]}"; do
		echo "installing $(why "$name")"
	done
	"${elevate[@]}" apt-get update -qq
	# Debian starts nginx and HAProxy as services when they are installed, on port 80. The
	# tests want the programs only: a policy forbids it meanwhile, unless there is one.
	policy=/usr/sbin/policy-rc.d
	if [[ ! -e $policy && " ${missing[*]} " =~ \ (nginx|haproxy)\  ]]; then
		trap '"${elevate[@]}" rm -f "$policy"' EXIT
		printf '#!/bin/sh\nexit 101\n' | "${elevate[@]}" tee "$policy" >/dev/null
		"${elevate[@]}" chmod 755 "$policy"
	fi
	for name in "${missing[@]}"; do
		# shellcheck disable=SC2046 # the list of packages is meant to split
		DEBIAN_FRONTEND=noninteractive "${elevate[@]}" apt-get install -y -qq --no-install-recommends $(packages "$name")
	done
fi

status=0
for name in "${missing[@]}"; do
	if ! have "$name"; then
		echo "missing: $(why "$name"); please install it and try again" >&2
		status=1
	fi
done
exit $status
