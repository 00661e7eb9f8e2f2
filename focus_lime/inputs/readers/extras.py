"""What is said where a package that reads a format is not installed."""

from __future__ import annotations

from focus_lime.errors import FocusLimeError


def missing(name: str, package: str) -> FocusLimeError:
    return FocusLimeError(
        f"{name} is read with the package {package}: pip install 'focus-lime[legal]'"
    )
