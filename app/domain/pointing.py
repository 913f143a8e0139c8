"""Fields that reading left open, each with the places that may hold its value, and what pointing at one of them makes.

Whoever answers, a local model above all, can only name one of these places or none: a value that does not stand on a
page cannot come out. What a model pointed at stays doubtful, whatever it thinks of itself, until a person confirms it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from app.domain.cross_checks import DOUBTFUL
from app.domain.reading import DocumentField

METHOD = "model"
OPENINGS = "openings"  # key of ``ReadResult.extra`` under which a reader hands them over; never stored
ASKED = "CASEWORTH_OPENINGS"  # set in the environment of a reader that is to hand them over
_LEAST = 0.5  # probability of a place that is taken
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Span:
    """A place on a page that may hold the value of a field."""

    value: str | int | bool  # as in ``DocumentField``
    raw: str
    page: int  # from 1
    box: tuple[float, float, float, float]  # points from the upright page's top left
    currency: str | None = None
    before: str = ""  # what stands before it on its line
    above: str = ""  # what stands over it

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Span:
        x0, y0, x1, y1 = data["box"]
        return cls(**{**data, "box": (x0, y0, x1, y1)})


@dataclass(frozen=True, slots=True)
class Opening:
    """A field without a value, and the places that may hold it, in the order of the pages."""

    field: str
    label: str  # what people call it, English
    spans: tuple[Span, ...]

    def to_json(self) -> dict[str, Any]:
        return {"field": self.field, "label": self.label, "spans": [asdict(span) for span in self.spans]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Opening:
        return cls(data["field"], data["label"], tuple(Span.from_json(span) for span in data["spans"]))


@dataclass(frozen=True, slots=True)
class Pointed:
    """Which place was pointed at, counted from 0, and how likely it was among all that could be named; None: none."""

    place: int | None
    probability: float  # 0 to 1


def field_of(opening: Opening, pointed: Pointed) -> DocumentField | None:
    """The field that the answer gives, always doubtful; None where no place is likely enough, or none was named."""
    if pointed.place is None or pointed.probability < _LEAST:
        return None
    span = opening.spans[pointed.place]
    return DocumentField(
        name=opening.field,
        value=span.value,
        raw=span.raw,
        currency=span.currency,
        page=span.page,
        box=span.box,
        confidence=Decimal(f"{pointed.probability:.3f}") * (DOUBTFUL - _CENT),
        method=METHOD,
    )
