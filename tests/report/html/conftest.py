"""A page of a contract, which several tests read."""

from __future__ import annotations

import pytest

from focus_lime.report import render_html
from tests.explanation.explanations import CONTRACT, explanation
from tests.report.page import Page


@pytest.fixture(scope="package")
def contract() -> Page:
    return Page(render_html(explanation(CONTRACT)))
