"""Where models that were converted are kept: one folder each, whole or not there.

The folder is `$FOCUS_LIME_CACHE/models`; without that variable `focus-lime/models` in the user's
cache. A model's folder is one that transformers reads, with `origin.json` beside its weights.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.files import load_json, make_folder

_ORIGIN = "origin.json"
_ABANDONED = 24 * 3600  # seconds without a new file, after which nobody works on a folder any more
_HALF_MADE = ".making-"  # folders that nobody has finished
_FOLDER = re.compile(r"([0-9a-f]{16})-(float32|bfloat16|float16)")
_SLACK = 64 << 20  # bytes beside the weights: the tokenizer, the file system's own


@dataclass(frozen=True)
class Origin:
    """What a model was converted from.

    Attributes:
        model: as it was asked for, as `smollm2`.
        file: the name of the GGUF file.
        digest: its SHA-256.
        dtype: of the weights as they are kept.
        made: the day, as 2026-11-27.
    """

    model: str
    file: str
    digest: str
    architecture: str
    dtype: str
    made: str

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return place(self.digest, self.dtype)


@dataclass(frozen=True)
class StoredModel:
    path: Path
    origin: Origin

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(file.lstat().st_size for file in self.path.iterdir())


def root() -> Path:
    """The folder of all of them; it need not be there."""
    own = os.environ.get("FOCUS_LIME_CACHE")
    if own:
        return Path(os.path.expanduser(own)) / "models"
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.path.expanduser(cache)) / "focus-lime" / "models"


def place(digest: str, dtype: str) -> Path:
    """The folder of a file's model in a dtype; it need not be there."""
    return root() / f"{digest[:16]}-{dtype}"


def find(digest: str, dtype: str) -> Path | None:
    """The folder of a file's model in a dtype, if it is there."""
    folder = place(digest, dtype)
    return folder if os.path.isdir(folder) else None  # no error where it may not be looked at


def stored() -> list[StoredModel]:
    """All that are there, in the order of their names; of a damaged one no more is known than its
    folder says.

    Raises:
        FocusLimeError: the folder may not be looked at.
    """
    try:
        folders = [f for f in root().iterdir() if not f.name.startswith(".") and f.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise FocusLimeError(f"{root()} cannot be read: {error.strerror}") from None
    models = [StoredModel(folder, origin) for folder in folders if (origin := _origin(folder))]
    return sorted(models, key=lambda model: (model.origin.model, model.origin.dtype))


def _origin(folder: Path) -> Origin | None:
    """None of a folder that is somebody else's."""
    try:
        origin = load_json(folder / _ORIGIN)
        if all(isinstance(value, str) for value in origin.values()):
            return Origin(**origin)
    except (FocusLimeError, AttributeError, TypeError):
        pass
    ours = _FOLDER.fullmatch(folder.name)
    return ours and Origin("(damaged)", "", ours[1], "", ours[2], "")


def remove(model: StoredModel) -> None:
    """Take it from the disk.

    Raises:
        FocusLimeError: no right to.
    """
    try:
        # Moved aside first: nobody finds half of it.
        aside = Path(tempfile.mkdtemp(dir=root(), prefix=_HALF_MADE))
        os.replace(model.path, aside / model.path.name)
        shutil.rmtree(aside)
    except OSError as error:
        raise FocusLimeError(f"{model.path} cannot be removed: {error.strerror}") from None


@contextmanager
def making(origin: Origin, size: int) -> Iterator[Path]:
    """A new folder, which takes its place among the others once the block has filled it. Where the
    block fails nothing of it stays.

    Args:
        size: bytes that the block will write, about.

    Raises:
        FocusLimeError: no room on the disk, before or while it is written; no right to write.
    """
    target = origin.folder
    make_folder(target.parent)
    _sweep()
    free = shutil.disk_usage(target.parent).free
    if free < size + _SLACK:
        raise FocusLimeError(
            f"{origin.file} needs {megabytes(size)} as {origin.dtype}, and {target.parent} has "
            f"{megabytes(free)} left: make room, or set FOCUS_LIME_CACHE to a folder elsewhere"
        )
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=_HALF_MADE))
        yield folder
        (folder / _ORIGIN).write_text(json.dumps(asdict(origin), indent=1), encoding="utf-8")
        os.chmod(folder, 0o755)  # mkdtemp's are for one user alone, as a cache need not be
        try:
            os.rename(folder, target)
        except OSError:
            if not target.is_dir():  # else another process was faster
                raise
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        raise FocusLimeError(
            f"{target} cannot be written ({reason}): make room, or set "
            "FOCUS_LIME_CACHE to a folder elsewhere"
        ) from None
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Take away what processes that were killed have left half done."""
    for folder in root().glob(f"{_HALF_MADE}*"):
        if folder.is_dir() and time.time() - folder.stat().st_mtime > _ABANDONED:
            shutil.rmtree(folder, ignore_errors=True)


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"
