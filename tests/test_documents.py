"""pytest tests/test_documents.py

What the documents show is run.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from focus_lime import FocusLime, Prompt
from focus_lime.neighborhood import Proxy
from tests.conftest import TEXT, linear_function

ROOT = Path(__file__).parents[1]


def code_blocks(document: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def test_the_proxy_in_contributing_works() -> None:
    space: dict[str, type] = {}
    exec(code_blocks("CONTRIBUTING.md")[0], space)
    proxy = space["Longest"]()
    assert isinstance(proxy, Proxy)
    model = linear_function({"Orion": 1.0})
    found = FocusLime(model, proxy).explain(
        Prompt.from_document(TEXT), chunks=1, sentences=1, budget=4
    )
    assert found.text(found.top(1)[0]) == "The governing law of the Orion agreement is Nevada. "


def test_the_python_of_the_readme_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = code_blocks("README.md")[0]
    assert len(code.strip().splitlines()) <= 11
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    exec(code, {})
    first = capsys.readouterr().out.splitlines()[0]
    assert "the renewal term of the Davida venture is" in first
    assert {path.name for path in tmp_path.iterdir()} >= {"explanation.json", "explanation.html"}
