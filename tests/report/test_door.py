"""Run with: pytest tests/report/test_door.py"""

from __future__ import annotations

import subprocess
import sys

import pytest

import focus_lime.report as report


@pytest.mark.parametrize("name", report.__all__)
def test_each_name_is_what_its_file_defines(name: str) -> None:
    """Twice: a submodule that was imported since must not hide it."""
    first = getattr(report, name)
    assert first.__name__ == name
    assert getattr(report, name) is first


def test_another_name_is_none_of_it() -> None:
    with pytest.raises(AttributeError, match="no attribute 'paper'"):
        report.paper  # noqa: B018
    assert dir(report) == report.__all__


def test_the_door_loads_nothing_by_itself() -> None:
    script = "import sys, focus_lime.report; print({'rich', 'jinja2', 'torch'} & set(sys.modules))"
    output = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "set()"


def test_a_page_needs_no_rich() -> None:
    script = (
        "import sys; from focus_lime.report import page; page([]); print('rich' in sys.modules)"
    )
    output = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "False"
