# shellcheck shell=bash
# What the scripts share; they source it and are run from anywhere.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit

heading() {
    printf '\n==> %s\n' "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null
}
