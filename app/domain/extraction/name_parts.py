"""Names that a form asks for in parts: surname and given names, each by its own label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.domain.document_kinds import DocumentKind, FieldSpec, FieldType
from app.domain.extraction.candidates import Candidate, around
from app.domain.extraction.values import Context
from app.domain.kind_words import Hit, Paper

_WHOLE = ("employee", "holder", "insured", "tenant", "subject")
_PARTS = ("surname", "given_names")
_NEAR = 4  # lines between the two
_SCORE = 0.97


def from_name_parts(paper: Paper, kind: DocumentKind, context: Context) -> Iterator[Candidate]:
    """Given names and surname as one name, for kinds that know it only as a whole."""
    names = {spec.name for spec in kind.fields}
    wanted = [name for name in _WHOLE if name in names]
    if not wanted or names & set(_PARTS):
        return
    surnames, given = (list(_values(paper, part, context)) for part in _PARTS)
    for surname in surnames:
        for other in given:
            if abs(surname.line - other.line) <= _NEAR and surname.page == other.page and surname.value != other.value:
                yield from (_joined(name, other, surname) for name in wanted)
                return


def _values(paper: Paper, part: str, context: Context) -> Iterator[Candidate]:
    spec = FieldSpec(part, FieldType.NAME, {}, ())
    for at, hits in enumerate(paper.hits):
        for index, hit in enumerate(hits):
            if hit.begins and (hit.colon or hit.closes) and _labels(hit, part):
                found = sorted(around(paper, at, index, spec, context), key=lambda each: -each.score)
                if found and found[0].score > 0.7:
                    yield found[0]


def _labels(hit: Hit, part: str) -> bool:
    """Whether every kind that knows the label takes it for this part of a name."""
    fields = {name for named in hit.meaning.labels.values() for name, _ in named}
    return fields == {part}


def _joined(name: str, given: Candidate, surname: Candidate) -> Candidate:
    first, last = given.box, surname.box
    box = (min(first[0], last[0]), min(first[1], last[1]), max(first[2], last[2]), max(first[3], last[3]))
    value = f"{given.value} {surname.value}"
    score = _SCORE * min(given.score, surname.score)
    return replace(given, field=name, value=value, raw=f"{given.raw} {surname.raw}", box=box, score=score)
