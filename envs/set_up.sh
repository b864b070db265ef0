#!/bin/sh
# Installs the locked environment: set_up.sh PYTHON. Whatever stands in the way is told in one line.
set -u
tools=.tools venv=.venv log=.tools/set_up.log

fail() {
  printf 'error: %s\n' "$*" | tr -d '\000-\011\013-\037' >&2
  exit 1
}

version_of() { # 311 for Python 3.11
  said=$("$1" -c 'import sys; print("%d%02d" % sys.version_info[:2])' 2>/dev/null) || return 1
  case $said in '' | *[!0-9]* | ????*) return 1 ;; esac # another program of this name
  echo "$said"
}

# Runs a command without a word; where it fails, the last of what it said follows the reason.
quietly() {
  reason=$1
  shift
  "$@" >"$log" 2>&1 && return
  fail "$reason: $(grep -av '^ *$' "$log" | tail -n 3 | tr -s ' \n\r' ' ' | cut -c 1-400)(all of it: $log)"
}

# To make an environment clears what is there: behind a link, that of another checkout.
[ ! -L $venv ] || fail "$venv is a link to $(readlink $venv): remove it, and this folder gets its own environment"

python=
for name in "$1" python3.13 python3.12 python3.11 python3; do
  version=$(version_of "$name") || continue
  if [ "$version" -ge 311 ] && [ "$version" -le 313 ]; then
    python=$(command -v "$name")
    break
  fi
done
version=$(version_of "$1") || version=
if [ -z "$python" ]; then
  [ -n "$version" ] || fail "$1 is no Python: say make PYTHON=..., with Python 3.11, 3.12 or 3.13"
  [ "$version" -ge 311 ] || fail "$1 is too old: say make PYTHON=..., with Python 3.11, 3.12 or 3.13"
  python=$1
  echo "Python is newer than 3.13: packages without a wheel for it (immutables with 3.14) are built with a C compiler." >&2
elif [ "$version" != "$(version_of "$python")" ]; then
  echo "$1 is not Python 3.11 to 3.13: the environment is made with $python." >&2
fi

offline="is this machine online? Run it again then, what was downloaded is kept"
if [ ! -x "$tools/bin/uv" ] || [ envs/uv.txt -nt "$tools/bin/uv" ]; then
  # An environment of others may lack pip; what it was made from, or the system's Python, has one.
  base=$("$python" -c 'import sys; print(sys._base_executable)')
  pip=
  for name in "$python" "$base" python3 /usr/bin/python3; do
    if "$name" -c 'import pip' >/dev/null 2>&1; then
      pip=$name
      break
    fi
  done
  [ -n "$pip" ] || fail "no pip was found for $python: install it, or say make PYTHON=... with one that has pip"
  # --target works where ensurepip is missing and where the system's Python is externally managed.
  quietly "uv can't be installed; $offline" "$pip" -m pip install --disable-pip-version-check \
    --root-user-action ignore --no-deps --require-hashes --upgrade --target "$tools" -r envs/uv.txt
  touch "$tools/bin/uv"
fi

quietly "the environment can't be made with $python" \
  "$tools/bin/uv" venv --clear --python "$("$python" -c 'import sys; print(sys.executable)')" $venv
# Bytecode is made of what is imported, when it is: of all packages it would take a quarter of a minute.
quietly "packages can't be installed; $offline" "$tools/bin/uv" pip sync --require-hashes \
  --python "$venv/bin/python" envs/requirements.lock
touch "$venv/.stamp"
