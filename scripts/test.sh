#!/usr/bin/env bash
# Installs everything into .venv and runs the tests. With --lint, ruff and mypy before them.
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
install_project "[test]"
if [ "${1:-}" = "--lint" ]; then
  shift
  "$PYTHON" -m ruff check .
  "$PYTHON" -m ruff format --check .
  "$PYTHON" -m mypy
fi
exec "$PYTHON" -m pytest --cov=focus_lime --cov-report=term "$@"
