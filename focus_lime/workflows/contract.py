"""A contract: a document as what the questions of an audit are about."""

from __future__ import annotations

from dataclasses import dataclass

from focus_lime.inputs.document import Document
from focus_lime.inputs.layout import Layout
from focus_lime.inputs.places import DocumentPlace
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span


@dataclass(frozen=True)
class Contract:
    document: Document

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def layout(self) -> Layout:
        return self.document.layout

    def prompt(self, question: str) -> Prompt:
        return Prompt.from_document(self.document, question)

    def place(self, span: Span) -> DocumentPlace:
        return self.document.place(span)
