#!/usr/bin/env bash
# Installs everything into .venv and runs the tests. With --lint, ruff and mypy before them. The
# tests of the benchmark's peer context-cite (half a gigabyte) skip unless EXTRA=[test,peers].
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
install_project "${EXTRA:-[test]}"
if [ "${1:-}" = "--lint" ]; then
  shift
  "$PYTHON" -m ruff check .
  "$PYTHON" -m ruff format --check .
  "$PYTHON" -m mypy
fi
exec "$PYTHON" -m pytest --cov --cov-report=term "$@"
