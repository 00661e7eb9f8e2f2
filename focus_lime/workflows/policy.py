"""A policy: what raises the flag, in YAML. Three kinds:

    flagged: [toxic]                       # a class of a classifier; the others count against it

    flagged: ["unsafe"]                    # texts of a generative guard
    cleared: ["safe"]
    template: "... {categories} ... {conversation} ..."   # one protected prompt around the turns
    categories: ["S1: Violent crimes.", ...]
    roles: {user: User, assistant: Agent}
    question: ...                          # or, instead, asked after the conversation

    flagged: ["I'm sorry", "I cannot"]     # openers of a chat model that refuses
    cleared: ["Sure", "Here is"]           # against openers of one that complies

Without a template and a question the conversation goes through the model's own chat template, which
for many guards holds the policy already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.files import load_yaml
from focus_lime.inputs.chats import Chat, Turn
from focus_lime.inputs.prompt import Message, Prompt, Segment
from focus_lime.method.objectives.labels import LabelLogOdds
from focus_lime.models.base import Ledger, Model

_TEXTS = ("flagged", "cleared", "categories")
_KEYS = (*_TEXTS, "name", "template", "question", "roles", "threshold")
_ROLES = {"system": "System", "user": "User", "assistant": "Agent", "tool": "Tool"}


@dataclass(frozen=True)
class Policy:
    """
    Attributes:
        flagged, cleared: wordings of the answers that raise the flag and that do not.
        threshold: the flag is up above it, in nats.
    """

    name: str
    flagged: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    template: str | None = None
    question: str | None = None
    categories: tuple[str, ...] = ()
    roles: dict[str, str] = field(default_factory=lambda: dict(_ROLES))
    threshold: float = 0.0

    @property
    def labels(self) -> tuple[tuple[str, ...], ...]:
        """The flagged wordings, and the cleared ones, of those that there are."""
        return tuple(side for side in (self.flagged, self.cleared) if side)

    def check(self, model: Model) -> None:
        """
        Raises:
            FocusLimeError: the model cannot follow the policy; said before anything is read.
        """
        if model.is_generative and not (self.flagged and self.cleared):
            raise FocusLimeError(
                f"{model.name} answers in words: give --policy FILE that says which are `flagged` "
                "and which `cleared`"
            )
        if not model.is_generative and model.labels and not self.flagged:
            raise FocusLimeError(
                f"{model.name} has several classes: say which is the flag, as --label "
                f"{model.labels[-1]} (known: {', '.join(model.labels)})"
            )
        if self.flagged and (model.is_generative or model.labels):
            LabelLogOdds(*self.labels).resolve(model, Prompt.from_text("text"), 1, Ledger())

    def prompt(self, chat: Chat) -> Prompt:
        """The conversation as the model is to read it; source i is `chat.sources[i]`."""
        if self.template is not None:
            return Prompt((Message("user", tuple(self._around(chat))),), splitter=chat.splitter)
        return Prompt.from_chat(chat, self.question)

    def _around(self, chat: Chat) -> list[Segment]:
        before, _, after = str(self.template).partition("{conversation}")
        segments = [Segment(self._filled(before), False)]
        for number, turn in enumerate(chat.turns):
            gap = "\n\n" if number else ""
            segments.append(Segment(f"{gap}{self._speaker(turn)}: ", False))
            segments.append(Segment(turn.text, turn.attributable))
        return [*segments, Segment(self._filled(after), False)]

    def _speaker(self, turn: Turn) -> str:
        return self.roles.get(turn.role, _ROLES[turn.role])

    def _filled(self, text: str) -> str:
        return text.replace("{categories}", "\n".join(self.categories))


def load_policy(path: str | Path) -> Policy:
    """Raises FocusLimeError: not YAML, an unknown key, nothing that raises the flag, a template
    without its {conversation}.
    """
    data = load_yaml(path)
    if not isinstance(data, dict):
        raise FocusLimeError(f"{path} is no policy: it needs `flagged`, as in `flagged: [unsafe]`")
    for key in data:
        if key not in _KEYS:
            raise FocusLimeError(f"{path}: unknown key {key!r}: {suggest(str(key), _KEYS)}")
    texts = {name: data.get(name, []) for name in _TEXTS}
    for name, wordings in texts.items():
        if not _are_texts(wordings):
            raise FocusLimeError(f"{path}: {name} must be a list of texts, got {wordings!r}")
    if not texts["flagged"]:
        raise FocusLimeError(f"{path} is no policy: say in `flagged` what raises the flag")
    for name in ("name", "template", "question"):
        if name in data and (not isinstance(data[name], str) or not data[name].strip()):
            raise FocusLimeError(f"{path}: {name} must be text, got {data[name]!r}")
    template, roles = data.get("template"), data.get("roles", {})
    if template is not None:
        _check_template(path, template, data)
    if not isinstance(roles, dict) or not all(isinstance(v, str) for v in roles.values()):
        raise FocusLimeError(f"{path}: roles must say a name for each role, got {roles!r}")
    for role in roles:
        if role not in _ROLES:
            raise FocusLimeError(f"{path}: no role {role!r}: {suggest(str(role), _ROLES)}")
    threshold = data.get("threshold", 0.0)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float):
        raise FocusLimeError(f"{path}: threshold must be a number of nats, got {threshold!r}")
    return Policy(
        name=data.get("name", Path(path).stem),
        flagged=tuple(texts["flagged"]),
        cleared=tuple(texts["cleared"]),
        template=template,
        question=data.get("question"),
        categories=tuple(texts["categories"]),
        roles={**_ROLES, **roles},
        threshold=float(threshold),
    )


def _are_texts(data: object) -> bool:
    return isinstance(data, list) and all(isinstance(t, str) and t.strip() for t in data)


def _check_template(path: str | Path, template: str, data: dict[str, object]) -> None:
    if "question" in data:
        raise FocusLimeError(f"{path}: give a template or a question, not both")
    if template.count("{conversation}") != 1:
        raise FocusLimeError(f"{path}: the template must hold {{conversation}} once")
    if ("{categories}" in template) != bool(data.get("categories")):
        raise FocusLimeError(
            f"{path}: categories and a {{categories}} in the template go together: one is missing"
        )
    for name in re.findall(r"\{(\w+)\}", template):
        if name not in ("conversation", "categories"):
            raise FocusLimeError(f"{path}: the template has an unknown {{{name}}}")
