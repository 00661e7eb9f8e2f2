"""pytest tests/test_registry.py"""

from __future__ import annotations

from pathlib import Path

import pytest

from focus_lime import registry
from focus_lime.errors import FocusLimeError

GROUP = "focus_lime.proxies"
MODULE = """
from focus_lime.errors import FocusLimeError

class Plain:
    pass

def wants(path):
    return path

def takes(path="none"):
    return path

def buggy(path="x"):
    return len(3)

def strict(path):
    raise FocusLimeError(f"{path} is bad")
"""


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with factories of its own, as pip leaves it."""
    (tmp_path / "my_widgets.py").write_text(MODULE)
    (tmp_path / "needs_more.py").write_text("import a_package_that_is_not_there\n")
    metadata = tmp_path / "my_widgets-0.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: my_widgets\nVersion: 0.1\n")
    names = ["Plain", "wants", "takes", "buggy", "strict"]
    lines = [f"{name.lower()} = my_widgets:{name}" for name in names]
    lines.append("absent = needs_more:load")
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\n" + "\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(tmp_path)


def test_factories_are_called_with_nothing_or_with_the_rest() -> None:
    assert type(registry.build(GROUP, "plain")).__name__ == "Plain"
    assert registry.build(GROUP, "takes") == "none"
    assert registry.build(GROUP, "takes:a:b") == "a:b"
    assert registry.build(GROUP, "takes:") == ""
    assert registry.build(GROUP, "wants:x") == "x"
    assert {"plain", "wants", "bm25"} <= registry.entries(GROUP).keys()


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("wants", "proxy 'wants': give wants:PATH"),
        ("plain:x", "proxy 'plain:x': plain takes no 'x'"),
        ("strict:it", "proxy 'strict:it': it is bad"),
        ("wannts", "no proxy 'wannts': did you mean wants"),
        ("zzzzzz", "no proxy 'zzzzzz': known: .*bm25.*wants"),
    ],
)
def test_what_is_wrong_with_a_name_is_said(spec: str, complaint: str) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        registry.build(GROUP, spec)


def test_a_bug_of_a_factory_shows_itself() -> None:
    for spec in ("buggy", "buggy:x"):
        with pytest.raises(TypeError, match="has no len"):
            registry.build(GROUP, spec)


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="a_package_that_is_not_there"):
        registry.load(GROUP, "absent")
