"""How loaders read: files, with errors that say where, and the hub."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError, first_line


@contextmanager
def expecting(where: str, form: str) -> Iterator[None]:
    """Data of another shape are a `FocusLimeError` that says where and what was expected."""
    try:
        yield
    except FocusLimeError:
        raise
    except KeyError as error:
        raise FocusLimeError(f"{where} is not in the format of {form}: no {error}") from None
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise FocusLimeError(
            f"{where} is not in the format of {form}: {first_line(error)}"
        ) from None


def files(path: str | Path, *patterns: str) -> list[Path]:
    """The file, or the files of a folder that match one of the patterns, by name.

    Raises:
        FocusLimeError: no such file, or a folder without one that matches.
    """
    path = Path(path)
    if not path.is_dir():
        if not path.is_file():
            raise FocusLimeError(f"{path}: no such file or folder")
        return [path]
    paths = sorted({file for pattern in patterns for file in path.glob(pattern) if file.is_file()})
    if not paths:
        raise FocusLimeError(f"{path} has no file {' or '.join(patterns)}")
    return paths


def fingerprint(paths: Iterable[Path]) -> str:
    """Digest of the files' names and bytes."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            raise FocusLimeError(f"{path} cannot be read: {error.strerror}") from None
        digest.update(path.name.encode() + b"\0" + content)
    return digest.hexdigest()[:16]


def digest(value: Any) -> str:
    """Digest of what JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def text_of(path: Path) -> str:
    """A UTF-8 file, character for character: offsets count its line ends as they are."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise FocusLimeError(f"{path} is not UTF-8 text (byte {error.start})") from None


def json_of(path: Path) -> Any:
    try:
        return json.loads(text_of(path).removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise FocusLimeError(f"{path} is not JSON (line {error.lineno}: {error.msg})") from None


def jsonl_of(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(where it stands, the object) of each line that is not blank, one at a time."""
    for number, line in _lines(path):
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise FocusLimeError(f"{where} is not JSON ({error.msg})") from None
        if not isinstance(row, dict):
            raise FocusLimeError(f"{where} is not a JSON object")
        yield where, row


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise FocusLimeError(f"{path} is not UTF-8 text (byte {error.start})") from None


def csv_of(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """(where it stands, the row) of a CSV file that has at least these columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [c for c in columns if c not in (reader.fieldnames or ())]
            if missing:
                raise FocusLimeError(f"{path} has no column {missing[0]!r}")
            for number, row in enumerate(reader, start=1):
                where = f"{path}, row {number}"
                if any(row[column] is None for column in columns):
                    raise FocusLimeError(f"{where} has too few columns")
                yield where, row
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise FocusLimeError(f"{path} is not UTF-8 text (byte {error.start})") from None
    except csv.Error as error:
        raise FocusLimeError(f"{path} is not CSV: {error}") from None


def hub(
    name: str, *, split: str, config: str | None = None, revision: str | None = None
) -> tuple[Iterable[Mapping[str, Any]], str]:
    """The rows of a split of a data set on the hub, and their fingerprint.

    Loading scripts are refused by `datasets` >= 4; sets that have one are asked for at the
    revision at which the hub keeps the same rows as Parquet.

    Raises:
        FocusLimeError: `datasets` is not installed, or does not get the set.
    """
    try:
        import datasets
    except ImportError:
        raise FocusLimeError(
            f"{name} is loaded with the package datasets: pip install 'focus-lime[benchmarks]', "
            "or give a local path"
        ) from None
    try:
        rows = datasets.load_dataset(name, config, split=split, revision=revision)
    except Exception as error:  # the hub's, the network's and the cache's, of many packages
        raise FocusLimeError(
            f"{name} does not come from the hub ({first_line(error)}): give a local path"
        ) from None
    # The files' addresses hold the commit.
    read = [name, config, split, revision, sorted(rows.download_checksums or {})]
    return rows, digest(read)


def records(value: Any) -> list[Mapping[str, Any]]:
    """Mappings, one a row: as they are, or out of the hub's mapping of equally long lists."""
    if isinstance(value, Mapping):
        return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
    return list(value)


def not_on_hub(name: str, project: str, path: str) -> FocusLimeError:
    """For sets of which the hub has no copy with the evidence."""
    return FocusLimeError(
        f"the hub has no copy of {name} with its evidence: clone github.com/{project} and give "
        f"path: {path}"
    )
