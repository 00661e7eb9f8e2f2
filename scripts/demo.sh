#!/usr/bin/env bash
# Installs everything into .venv and explains an answer of the bundled model. Options go to
# `focus-lime demo`, for instance: bash scripts/demo.sh --seed 7
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
install_project ""
exec .venv/bin/focus-lime demo "$@"
