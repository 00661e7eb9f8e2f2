#!/usr/bin/env bash
# Installs everything into .venv and runs the tests, a process a core. With --checks ruff and mypy
# before them, and how much of the code they run. The tests of the benchmark's peer context-cite
# (half a gigabyte) skip unless EXTRA=[test,peers].
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
install_project "${EXTRA:-[test]}"
options=(-n auto --maxprocesses 4 --dist loadfile)
if [ "${1:-}" = "--checks" ]; then
  shift
  "$PYTHON" -m ruff check .
  "$PYTHON" -m ruff format --check .
  "$PYTHON" -m mypy
  options+=(--cov --cov-report=term)
fi
# Two processes that each compute on every core are slower than one after the other.
export OMP_NUM_THREADS=1
exec "$PYTHON" -m pytest "${options[@]}" "$@"
