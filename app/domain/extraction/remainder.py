"""The amount or number that nothing names, where one such value is left on the document and one such field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.domain.document_kinds import DocumentKind, FieldSpec, FieldType
from app.domain.extraction.candidates import Candidate
from app.domain.extraction.near_labels import claims, is_claimed
from app.domain.extraction.values import Context, Value, values_in
from app.domain.kind_words import Paper
from app.domain.strips import Strip

METHOD = "remainder"
_TYPES = (FieldType.MONEY, FieldType.NUMBER)
_SCORE = 0.45  # always doubtful
_LEAST = 0.9  # quality of a value that counts


def from_remainder(
    paper: Paper, kind: DocumentKind, context: Context, found: Mapping[str, Sequence[Candidate]]
) -> Iterator[Candidate]:
    """For the only field of its type that has no candidate the only value of its type that no other field has."""
    claimed = claims(found)
    for type_ in _TYPES:
        open_ = [spec for spec in kind.fields if spec.type is type_ and not found.get(spec.name)]
        if len(open_) != 1:
            continue
        left: dict[object, Candidate] = {}
        for strip in paper.strips:
            for value in values_in(open_[0], strip.text, context):
                made = _made(open_[0], strip, value)
                if value.quality >= _LEAST and not is_claimed(made, claimed):
                    left.setdefault(value.value, made)
        if len(left) == 1:
            yield from left.values()


def _made(spec: FieldSpec, strip: Strip, value: Value) -> Candidate:
    return Candidate(
        spec.name, value.value, strip.raw(value.start, value.end), strip.page.number,
        strip.box(value.start, value.end), _SCORE * value.quality, METHOD, value.currency, strip.number,
    )  # fmt: skip
