#!/bin/sh
# Runs a command with the environment on the PATH: inside.sh COMMAND. Caches go to the home folder,
# or to .tools/cache where that can't be written, as in many containers.
writable() {
  mkdir -p "$1" 2>/dev/null && touch "$1/.kondoflow" 2>/dev/null && rm -f "$1/.kondoflow"
}

fail() {
  echo "error: $(printf %s "$PWD" | tr '[:cntrl:]' '?') $*" >&2
  exit 1
}

case $PWD in
*[[:cntrl:]]*) fail "has a control character in its path, such as the end of a line: move the folder" ;;
*[{}]*) fail "has a brace in its path, which Snakemake takes for a wildcard: move the folder" ;;
esac
writable .tools || fail "can't be written: make a copy or a clone of it where you may write"

own=$PWD/.tools/cache
shared=${XDG_CACHE_HOME:-${HOME:-/dev/null}/.cache}
if ! writable "$shared"; then
  export XDG_CACHE_HOME="$own"
  [ -d "$own" ] || echo "The home folder can't be written: caches go to .tools/cache." >&2
  mkdir -p "$own" 2>/dev/null
fi
if ! writable "${UV_CACHE_DIR:-${XDG_CACHE_HOME:-$shared}/uv}"; then
  export UV_CACHE_DIR="$own/uv"
fi
# Each job is a new Python, and without kept bytecode its start takes several times as long.
unset PYTHONDONTWRITEBYTECODE
PATH="$PWD/.venv/bin:$PATH"
export PATH
exec "$@"
