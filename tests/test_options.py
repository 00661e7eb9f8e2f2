"""pytest tests/test_options.py"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.options import Option, check, declarations, from_mapping, keywords_of


@dataclass(frozen=True, kw_only=True)
class Trip:
    miles: Annotated[int | None, Option("How far.", least=1, most=9)] = None
    speed: Annotated[float, Option("How fast.", above=0)] = 2.0
    means: Annotated[Literal["foot", "boat"], Option("By what.")] = "foot"
    stops: Annotated[tuple[str, ...], Option("Where one rests.")] = ()
    loud: Annotated[bool, Option("With a song.")] = False
    untold: int = 0

    def __post_init__(self) -> None:
        check(self)


class Guide:
    @keywords_of(Trip)
    def lead(self, group: str, trip: Trip) -> tuple[str, Trip]:
        """Lead a group."""
        return group, trip


def test_a_declaration_says_type_default_and_limits() -> None:
    known = declarations(Trip)
    assert list(known) == ["miles", "speed", "means", "stops", "loud"]
    assert [d.type for d in known.values()] == [int, float, str, tuple, bool]
    assert known["miles"].optional
    assert not known["speed"].optional
    assert known["means"].choices == ("foot", "boat")
    assert known["means"].flag == "--means"
    assert known["speed"].default == 2.0


def test_the_help_says_the_default() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Inn:
        name: Annotated[str, Option("Its sign.")]
        beds: Annotated[int, Option("For guests.")] = 0
        open: Annotated[bool, Option("To all.")] = True
        soup: Annotated[str | None, Option("Of the day. Default: leek.")] = None

    known = declarations(Inn)
    assert [d.name for d in known.values() if d.required] == ["name"]
    assert [d.help for d in known.values()] == [
        "Its sign.",
        "For guests. Default: 0.",
        "To all. Default: yes.",
        "Of the day. Default: leek.",
    ]


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ({"miles": 0}, "miles 0 is too small: give 1 or more"),
        ({"miles": 10}, "miles 10 is too large: give 9 or less"),
        ({"miles": True}, "miles must be a whole number, got True"),
        ({"speed": 0.0}, "speed 0.0 is too small: give more than 0"),
        ({"means": "bot"}, "no means 'bot': did you mean boat"),
        ({"loud": 1}, "loud must be true or false, got 1"),
        ({"stops": [1]}, "stops must be a list of texts"),
    ],
)
def test_what_is_beyond_the_declaration_is_named(option: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        Trip(**option)


def test_a_mapping_is_read_by_the_declarations() -> None:
    data = {"speed": 3, "stops": ["Yes, it is", "No"], "miles": None}
    assert from_mapping(data, declarations(Trip), "trip.yaml") == {
        "speed": 3.0, "stops": ("Yes, it is", "No"), "miles": None,
    }  # fmt: skip
    assert from_mapping({"stops": "inn"}, declarations(Trip), "f") == {"stops": ("inn",)}
    with pytest.raises(
        FocusLimeError, match=r"trip\.yaml: unknown option 'sped': did you mean speed"
    ):
        from_mapping({"sped": 1}, declarations(Trip), "trip.yaml")
    with pytest.raises(FocusLimeError, match=r"trip.yaml: means must be text, got 3; quote it"):
        from_mapping({"means": 3}, declarations(Trip), "trip.yaml")


def test_a_method_takes_the_fields_as_keywords_and_says_so() -> None:
    assert Guide().lead("ten", speed=4.0, stops=("inn",)) == (
        "ten",
        Trip(speed=4.0, stops=("inn",)),
    )
    with pytest.raises(TypeError, match="sped"):
        Guide().lead("ten", sped=4.0)  # type: ignore[call-arg]
    signature = inspect.signature(Guide.lead)
    assert list(signature.parameters) == ["self", "group", *Trip.__dataclass_fields__]
    assert signature.parameters["speed"].default == 2.0
    assert signature.parameters["speed"].annotation is float
    assert "miles: How far." in (Guide.lead.__doc__ or "")
