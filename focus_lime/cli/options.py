"""The options that commands share, each declared once; `Settings` declares those of the method."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from focus_lime.errors import FocusLimeError
from focus_lime.options import Option

if TYPE_CHECKING:
    from focus_lime.explain import FocusLime
    from focus_lime.inputs.prompt import Prompt
    from focus_lime.inputs.tree import Splitter
    from focus_lime.method.objective import Objective
    from focus_lime.workflows.checklist import Item

SPLITTERS, SURROGATES = "focus_lime.splitters", "focus_lime.surrogates"


@dataclass(frozen=True, kw_only=True)
class PromptOptions:
    """What the model is asked."""

    document: Annotated[
        str | None, Option("A document: PDF, DOCX, HTML, Markdown or text file.")
    ] = None
    messages: Annotated[
        str | None, Option("A conversation instead: JSON file of OpenAI-style messages.")
    ] = None
    passages: Annotated[
        str | None,
        Option("Passages instead: JSON or YAML list of texts, or of text, name and title."),
    ] = None
    question: Annotated[str | None, Option("Asked after it.")] = None
    splitter: Annotated[
        str | None, Option("Cuts the document into units: prose, code:.py, ... Default: prose.")
    ] = None
    tracked: Annotated[
        Literal["accepted", "original"],
        Option("Tracked changes of a Word file: as accepted, or the original, before them."),
    ] = "accepted"

    def prompt(self) -> Prompt:
        """
        Raises:
            FocusLimeError: none of the three, or more than one; a file that cannot be read.
        """
        from focus_lime.inputs.chats import read_chat
        from focus_lime.inputs.documents import read
        from focus_lime.inputs.prompt import Prompt
        from focus_lime.registry import build

        kinds = (self.document, self.messages, self.passages)
        if sum(path is not None for path in kinds) != 1:
            raise FocusLimeError(
                "give either --document FILE, --messages FILE.json or --passages FILE.json"
            )
        if self.splitter is not None and self.document is None:
            raise FocusLimeError(
                "--splitter cuts a document: give --document FILE, or leave it out"
            )
        if self.tracked != "accepted" and self.document is None:
            raise FocusLimeError("--tracked is for a document: give --document FILE too")
        if self.messages is not None:
            return Prompt.from_chat(read_chat(self.messages), self.question)
        if self.passages is not None:
            return Prompt.from_passages(_passages(self.passages), self.question)
        splitter: Splitter | None = build(SPLITTERS, self.splitter) if self.splitter else None
        document = read(str(self.document), tracked=self.tracked)
        return Prompt.from_document(document, self.question, splitter=splitter)


def _passages(path: str) -> Sequence[Any]:
    from focus_lime.files import load_json, load_yaml

    passages = load_json(path) if path.lower().endswith(".json") else load_yaml(path)
    if not isinstance(passages, list) or not all(isinstance(p, str | dict) for p in passages):
        raise FocusLimeError(f"{path} has no passages: give a list of texts, or of mappings")
    return passages


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """Who answers, who scouts, and what fits the weights."""

    model: Annotated[
        str, Option("Folder, hub id, gguf:FILE, smollm2, bundled:target or module:attribute.")
    ]
    device: Annotated[
        str | None,
        Option("Of the model, as torch names it: cpu, cuda, mps; auto spreads it."),
    ] = None
    dtype: Annotated[
        str | None,
        Option(
            "Of the model's weights. Default: as they are stored; of a GGUF file float32.",
            choices=("float32", "bfloat16", "float16"),
        ),
    ] = None
    memory: Annotated[
        int | None,
        Option(
            "MiB that scoring may need beside the model and the prompt's keys and values. "
            "Default: 256.",
            least=1,
        ),
    ] = None
    proxy: Annotated[
        str | None,
        Option(
            "bm25, attention, target, a model, none, ...: see docs/proxies.md. Default: bm25; "
            "target for a model of scores."
        ),
    ] = None
    surrogate: Annotated[
        str | None, Option("Fits the weights: sparse, lime or kernel-shap. Default: sparse.")
    ] = None
    cache: Annotated[
        str | None, Option("SQLite file of scores: what was asked once is not asked again.")
    ] = None

    usual_proxy: ClassVar[str] = "bm25"  # of a language model

    def __post_init__(self) -> None:
        check_file("--cache", self.cache)

    def explainer(self, *, has_cache: bool = True) -> FocusLime:
        """The explainer; what is quick to load comes first, so that a mistyped name costs little.

        Args:
            has_cache: without, scores are neither looked up nor kept.
        """
        from focus_lime.explain import FocusLime
        from focus_lime.method.cache import ScoreCache
        from focus_lime.method.proxy import chosen_proxy, usual_proxy
        from focus_lime.models.loading import load_model
        from focus_lime.registry import load

        backend: dict[str, Any] = {}
        if self.device is not None:
            backend["device_map"] = self.device
        if self.dtype is not None:
            backend["dtype"] = self.dtype
        if self.memory is not None:
            backend["memory"] = self.memory << 20
        surrogate = load(SURROGATES, self.surrogate)() if self.surrogate else None
        proxy = chosen_proxy(self.proxy)
        model = load_model(self.model, **backend)
        if self.proxy is None:
            proxy = usual_proxy(model, self.usual_proxy)
        return FocusLime(
            model,
            proxy,
            surrogate=surrogate,
            cache=ScoreCache(self.cache) if self.cache and has_cache else None,
        )


@dataclass(frozen=True, kw_only=True)
class AnswerOptions:
    """What is explained."""

    response: Annotated[str | None, Option("Explain this response, not the model's own.")] = None
    part: Annotated[
        str | None, Option("Explain these words of the response, given what stands before them.")
    ] = None
    reasoning: Annotated[
        bool, Option("Explain what the model thought before its answer, not the answer.")
    ] = False
    labels: Annotated[
        tuple[str, ...],
        Option("Explain A against B; of a classifier, its class A.", each="--label"),
    ] = ()

    def objective(self) -> Objective | None:
        """None is the model's own answer.

        Raises:
            FocusLimeError: labels beside a response.
        """
        of_response = self.response is not None or self.part is not None or self.reasoning
        if self.labels and of_response:
            raise FocusLimeError(
                "give --labels or --response (with its --part or --reasoning), not both"
            )
        from focus_lime.method.objectives.labels import LabelLogOdds
        from focus_lime.method.objectives.response import ResponseLogOdds

        if self.labels:
            return LabelLogOdds(*self.labels)
        if not of_response:
            return None
        return ResponseLogOdds(self.response, self.part, of_reasoning=self.reasoning)


@dataclass(frozen=True, kw_only=True)
class ChecklistOptions:
    """What is asked of every file."""

    checklist: Annotated[str, Option("YAML of questions: see docs/legal.md and docs/code.md.")]
    items: Annotated[tuple[str, ...], Option("Only these of the checklist, by id.")] = ()

    def load(self) -> tuple[Item, ...]:
        from focus_lime.workflows.checklist import load_checklist

        return load_checklist(self.checklist, self.items or None)


@dataclass(frozen=True, kw_only=True)
class FolderOptions:
    """Where a job writes."""

    out: Annotated[str, Option("Folder for all that is written.")]
    redact: Annotated[
        bool, Option("Leave out of the report all text but the spans that it names.")
    ] = False

    def folder(self) -> Path:
        """The folder, made."""
        from focus_lime.files import make_folder

        make_folder(Path(self.out))
        return Path(self.out)


def check_file(flag: str, path: str | None) -> None:
    """Where a result cannot be written is known before it is worked for.

    Raises:
        FocusLimeError: a folder, or a file in one that is not there or not writable; no name that
            the file system takes.
    """
    if path is None:
        return
    try:
        os.stat(path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FocusLimeError(f"{flag} {path:.60} cannot be written: {reason}") from None
    if not path or Path(path).is_dir():
        raise FocusLimeError(f"{flag} {path} is a directory: give a file")
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise FocusLimeError(f"{flag} {path}: the directory {folder} does not exist")
    if not os.access(folder, os.W_OK):
        raise FocusLimeError(f"{flag} {path}: the directory {folder} is not writable")
