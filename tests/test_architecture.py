"""pytest tests/test_architecture.py

What ARCHITECTURE.md says of imports holds: one way, in no circle, and nothing private.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = {
    "focus_lime": "focus_lime",
    "proxies": "focus_lime.proxies",
    "benchmarks": "focus_lime.benchmarks",
}
# Each room may import from those before it, and from itself.
ROOMS = [
    "errors", "lazy", "files", "registry", "options", "inputs", "models", "method", "explanation",
    "explain", "report", "workflows", "cli", "proxies", "benchmarks",
]  # fmt: skip
# Bundled models and the demo command are found by name; they may use the whole library.


def modules() -> Iterator[tuple[str, Path]]:
    for folder, package in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            name = ".".join([package, *parts])
            yield name.removesuffix(".__init__"), path


NAMES = {name for name, _ in modules()}


def imports(name: str, path: Path) -> Iterator[tuple[str, str]]:
    """(module, imported name) of every import in a file, those inside functions and those for the
    type checker included.
    """
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            source = ".".join([*base, *filter(None, [node.module])]) if node.level else node.module
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield (inner, "") if inner in NAMES else (str(source), alias.name)


def graph() -> dict[str, set[str]]:
    return {
        name: {target for target, _ in imports(name, path) if target in NAMES} - {name}
        for name, path in modules()
    }


def room(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def test_no_import_goes_in_a_circle() -> None:
    try:
        list(TopologicalSorter(graph()).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_rooms_import_one_way() -> None:
    order = {name: place for place, name in enumerate(ROOMS)}
    wrong = [
        f"{name} imports {target}"
        for name, targets in graph().items()
        for target in targets
        if room(name) and room(target) and order[room(target)] > order[room(name)]
    ]
    assert wrong == []


def test_no_private_name_is_imported() -> None:
    private = [
        f"{name} imports {imported} from {target}"
        for name, path in modules()
        for target, imported in imports(name, path)
        if target.startswith("focus_lime")
        and (imported.startswith("_") or any(p.startswith("_") for p in target.split(".")))
        and imported != "__version__"
    ]
    assert private == []


def test_no_test_patches_a_private_name() -> None:
    patched = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "setattr"
        for argument in node.args[:2]
        if isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and argument.value.rpartition(".")[2].startswith("_")
        and not argument.value.rpartition(".")[2].startswith("__")
    ]
    assert patched == []


def test_every_folder_of_the_library_is_a_package_that_is_installed() -> None:
    """What the list leaves out is there in a working copy and missing for who installs it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {name for name, path in modules() if path.name == "__init__.py"}
    assert folders == set(project["tool"]["setuptools"]["packages"])
