#!/usr/bin/env bash
# Compares what the public packages of every module export in the working tree with
# what they exported at a commit, by apidiff: by default at the newest tag or, while
# there is none, where the records in api/ begin. A change that is not compatible is an
# error unless the changelog tells of it, in `backquotes`, under "### Changed" or
# "### Removed" of what is not released.
set -euo pipefail
base=${1:-}
if [[ -z $base ]]; then
	if base=$(git describe --tags --abbrev=0 2>/dev/null); then
		echo "apidiff: against the newest tag, $base"
	elif base=$(git log --diff-filter=A --format=%h -- api/socketio.txt 2>/dev/null | tail -n 1) && [[ -n $base ]]; then
		echo "apidiff: no tag yet; against $base, where the records in api/ begin"
	else
		echo "apidiff: neither a tag nor a history of api/ to compare with; the records themselves are held by go test ./internal/testkit"
		exit 0
	fi
fi

module=github.com/heirloom-io/socketio
root=$PWD
old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
git archive "$base" | tar -x -C "$old"
# The old tree may have had no such tool: this one's is used for both.
(cd tools && go build -o "$old/apidiff" golang.org/x/exp/cmd/apidiff)

told=$(awk '/^## / { mine = $0 == "## Unreleased"; sub_ = 0 }
	mine && /^### / { sub_ = $2 == "Changed" || $2 == "Removed"; next }
	mine && sub_' CHANGELOG.md)

status=0
for folder in . webtransport; do
	name=$module
	[[ $folder == . ]] || name=$module/$folder
	if [[ ! -f $old/$folder/go.mod ]]; then
		echo "apidiff: $name is new"
		continue
	fi
	(cd "$old/$folder" && "$old/apidiff" -m -w "$old/export" "$name" 2>/dev/null)
	# What goes to standard error is the list of the internal packages it leaves out,
	# and, when it fails, the reason.
	if ! changes=$(cd "$root/$folder" && "$old/apidiff" -m -incompatible "$old/export" "$name" 2>"$old/said"); then
		cat "$old/said" >&2
		exit 1
	fi
	while IFS= read -r line; do
		# "- ./rooms.(*Store).Add: removed" is about rooms.Store.Add.
		what=${line#- }
		what=${what%%: *}
		case $what in
		'' | ./compat/interop/* | ./examples/*) continue ;;
		"package "*) what=${what##*/} ;;
		esac
		[[ $what == ./* || $folder == . ]] || what=$folder.$what
		what=${what##*/}
		what=${what//[()*]/}
		if grep -q -E "\`${what//./\\.}([^A-Za-z0-9_]|$)" <<<"$told"; then
			echo "apidiff: $name: told in the changelog: ${line#- }"
		else
			echo "apidiff: $name: not compatible: ${line#- }" >&2
			status=1
		fi
	done <<<"$changes"
done
((status)) && echo "apidiff: CONTRIBUTING.md says what to do" >&2
exit $status
