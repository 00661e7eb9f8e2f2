"""The options that the three jobs share with `explain`, from flags and a YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from focus_lime.config import load_config
from focus_lime.errors import FocusLimeError

Model = Annotated[
    str | None, typer.Option(help="Folder, hub id, bundled:target or module:attribute.")
]
Device = Annotated[str | None, typer.Option(help="Of the model, as torch names it: cpu, cuda.")]
Proxy = Annotated[
    str | None, typer.Option(help="bm25 (default), attention, a model, none: see docs/proxies.md.")
]
Granularity = Annotated[str | None, typer.Option(help="sentence, word or token.")]
Ablation = Annotated[
    str | None, typer.Option(help="delete, placeholder, or attention. Default: delete.")
]
Budget = Annotated[int | None, typer.Option(help="Most masks of the target for one answer.")]
Seed = Annotated[int | None, typer.Option(help="Of masks and bootstrap. Default: 0.")]
Items = Annotated[str | None, typer.Option(help="Only these of the checklist: ids with commas.")]
Config = Annotated[str | None, typer.Option(help="YAML file of these options; flags override it.")]
Redact = Annotated[
    bool | None,
    typer.Option("--redact", help="Leave out of the report all text that it does not name."),
]
Out = Annotated[str | None, typer.Option(help="Folder for all that is written.")]

SHARED: dict[str, type] = {
    "model": str,
    "device": str,
    "proxy": str,
    "granularity": str,
    "ablation": str,
    "budget": int,
    "seed": int,
    "out": str,
    "redact": bool,
}
_PASSED_ON = ("granularity", "ablation", "budget", "seed")


def merged(
    given: Mapping[str, Any], config: str | None, own: Mapping[str, type], needed: str
) -> dict[str, Any]:
    """Flags over the file's options.

    Args:
        given: the command's arguments; None where a flag was not given.
        own: what the file may hold beside the shared options.
        needed: the options that there must be.

    Raises:
        FocusLimeError: an unknown option in the file, or one that is needed and is nowhere.
    """
    options = load_config(config, {**SHARED, **own}) if config is not None else {}
    options.update({k: v for k, v in given.items() if v is not None and v != []})
    options.pop("config", None)
    for name in needed.split():
        if name not in options:
            flag = "them" if name == "files" else f"--{name.replace('_', '-')}"
            raise FocusLimeError(f"no {name}: give {flag}, or put it in --config")
    return options


def files(given: Any) -> list[str]:
    """Paths as the command line or a file of options gives them, each once."""
    return list(dict.fromkeys(given.split(",") if isinstance(given, str) else given))


def items(options: Mapping[str, Any]) -> list[str] | None:
    """The ids that are asked for; None means all."""
    return options["items"].split(",") if "items" in options else None


def explainer(options: Mapping[str, Any], *, default_proxy: str = "bm25") -> Any:
    """The explainer that the options mean."""
    from focus_lime.explain import FocusLime  # torch is slow to import: not for --help

    backend = {"device_map": options["device"]} if "device" in options else {}
    return FocusLime.from_pretrained(
        options["model"], options.get("proxy", default_proxy), **backend
    )


def how(options: Mapping[str, Any]) -> dict[str, Any]:
    """What goes on to `FocusLime.explain`, checked before anything is loaded."""
    from focus_lime.settings import resolve

    found = {name: options[name] for name in _PASSED_ON if name in options}
    resolve(has_proxy=True, **{k: v for k, v in found.items() if k != "seed"})
    if found.get("seed", 0) < 0:
        raise FocusLimeError(f"--seed {found['seed']}: give a whole number from 0 on")
    return found


def out_folder(options: Mapping[str, Any]) -> Path:
    """The folder for results, made."""
    from focus_lime.jobs.run import make_folder

    out = Path(options["out"])
    make_folder(out)
    return out
