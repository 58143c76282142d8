#!/bin/sh
# Verifies this package with openssl (3.0 or later) and what every Unix has; needs no network and
# nobody's help. Exit code 0 only if everything holds.
#
#   sh verify.sh                        trusts the root certificates that lie in the package:
#                                       compare their fingerprints with published ones
#   sh verify.sh ROOT.pem [SM2-ROOT.pem]   trusts the roots you got elsewhere
set -u
absolute() { case "$1" in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac; }
ROOT=certificates/root.pem
SM2ROOT=certificates/sm2-root.pem
[ $# -ge 1 ] && ROOT=$(absolute "$1")
[ $# -ge 2 ] && SM2ROOT=$(absolute "$2")
cd "$(dirname "$0")" || exit 2
command -v openssl >/dev/null || { echo "openssl is missing" >&2; exit 2; }
WORK=$(mktemp -d) || exit 2
trap 'rm -rf "$WORK"' EXIT
failed=0
check() { # check WHAT COMMAND …
  what=$1; shift
  if "$@" > "$WORK/said" 2>&1; then
    echo "ok    $what"
  else
    echo "FAIL  $what"; sed 's/^/        /' "$WORK/said"; failed=1
  fi
}
covered() { # covered LENGTH AGAIN REST: the bytes of contract.pdf that a signature covers
  head -c "$1" contract.pdf; tail -c "+$(($2 + 1))" contract.pdf | head -c "$3"
}
same() { [ "$1" = "$2" ] || { echo "$1 is not $2"; return 1; }; }
chain() { # chain FILE: the hash chain over its lines
  h=0000000000000000000000000000000000000000000000000000000000000000
  while IFS= read -r line; do
    h=$(printf '%s\n%s' "$h" "$line" | sha256sum | cut -c1-64)
  done < "$1"
  echo "$h"
}

echo "root: $(openssl x509 -in "$ROOT" -noout -subject -fingerprint -sha256 | tr '\n' ' ')"

# The files themselves: each as listed, the list as in the manifest, the manifest as timestamped.
check 'files: each as listed' sha256sum --quiet -c SHA256SUMS
check 'files: the list belongs to the manifest' \
  grep -q "$(sha256sum SHA256SUMS | cut -c1-64)" manifest.json
check 'manifest: timestamped, unchanged since' \
  openssl ts -verify -in manifest.tst -token_in -data manifest.json -CAfile "$ROOT" \
  -untrusted certificates/package-tsa-chain.pem
check 'audit trail: unbroken up to its head' \
  same "$(chain audit/trail.jsonl)" "$(cat audit/head.txt)"
check 'audit trail: its head is timestamped' \
  openssl ts -verify -in audit/head.tst -token_in -data audit/head.txt -CAfile "$ROOT" \
  -untrusted certificates/package-tsa-chain.pem
