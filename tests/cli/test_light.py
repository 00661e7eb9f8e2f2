"""pytest tests/cli/test_light.py

What is slow to import is loaded when it is used, and not for help.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.cli.test_command import ALL

HEAVY = "torch scipy sklearn nltk transformers pydantic pandas matplotlib jinja2 rich typer".split()
SCRIPT = """
import sys
from focus_lime.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as stopped:
    assert stopped.code == 0, stopped.code
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(script: str, *arguments: str) -> set[str]:
    """The packages that a fresh interpreter has loaded at the end of a script that lists them."""
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COVERAGE_PROCESS_START": ""},
    )
    return set(ran.stdout.rpartition("loaded:")[2].split())


@pytest.mark.parametrize("line", ["", *(name.replace(".", " ") for name in ALL)])
def test_help_loads_nothing_heavy(line: str) -> None:
    packages = loaded(SCRIPT, *line.split(), "--help")
    assert "focus_lime" in packages
    assert packages.isdisjoint(HEAVY)


def test_importing_the_package_loads_nothing_heavy() -> None:
    packages = loaded("import sys, focus_lime\nprint('loaded:', *sys.modules)")
    assert packages.isdisjoint([*HEAVY, "numpy", "regex"])
