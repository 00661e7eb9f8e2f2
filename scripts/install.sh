# Sourced by the other scripts: makes .venv, installs the project with the extra it is given, and
# leaves $PYTHON set. A second run finds all in place and installs nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

install_project() {
  local extra="$1" base="" stamp
  for base in python3.13 python3.12 python3.11 python3; do
    "$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break
    base=""
  done
  if [ -z "$base" ]; then
    echo "Python 3.11 or newer is needed: install it and run this again" >&2
    exit 1
  fi
  PYTHON=.venv/bin/python
  [ -x "$PYTHON" ] || "$base" -m venv .venv
  stamp=".venv/installed$extra-$(cat pyproject.toml constraints.txt | cksum | tr -d ' ')"
  if [ ! -e "$stamp" ]; then
    echo "Installing into .venv: a few minutes" >&2
    # torch first and by itself: a plain `torch` may pull gigabytes of CUDA libraries.
    "$PYTHON" -m pip install -q -c constraints.txt torch
    "$PYTHON" -m pip install -q -c constraints.txt -e ".$extra"
    touch "$stamp"
  fi
}
