#!/usr/bin/env bash
# Installs everything into .venv, and asks a small real model about a page, word by word. Options go
# to `focus-lime demo`, for instance: bash scripts/demo.sh --bundled, which needs no network.
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
install_project ""
exec .venv/bin/focus-lime demo "$@"
