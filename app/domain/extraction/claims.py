"""What stands once on a page is one field's: a date by its label, a name by its parts, an address by who is named."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.domain.document_kinds import DocumentKind, FieldType
from app.domain.extraction.candidates import Candidate

_TOLD = ("label", "table", "check digits")
_LONE = 0.72  # score up to which a date by pattern stands there without words that say what it is
_DAYS_TOLD = ("award_date", "graduation_date", "registration_date", "test_date")


def claimed_once(kind: DocumentKind, chosen: Mapping[str, Candidate]) -> dict[str, Candidate]:
    """The chosen values without those that are another field's."""
    lost = _dates(kind, chosen) | _names(chosen) | _addresses(chosen)
    return {name: candidate for name, candidate in chosen.items() if name not in lost}


def _dates(kind: DocumentKind, chosen: Mapping[str, Candidate]) -> set[str]:
    """Fields that took, for want of a date of their own, one that is told to be another's."""
    dates = [chosen[spec.name] for spec in kind.fields if spec.type is FieldType.DATE and spec.name in chosen]
    told = {each.value: each.field for each in dates if _is_told(each)}
    return {each.field for each in dates if not (_is_told(each) or _may_share(each.field, told.get(each.value)))}


def _is_told(date: Candidate) -> bool:
    """Whether a label or a phrase says which date it is."""
    return date.method in _TOLD or date.field == "birth_date" or date.score > _LONE


def _may_share(field: str, other: str | None) -> bool:
    """Whether both may be one day: a certificate is often issued on the day that it tells of."""
    return other in (None, field) or (other == "issue_date" and field in _DAYS_TOLD)


def _names(chosen: Mapping[str, Candidate]) -> set[str]:
    """Where surname and given names are known, the whole name is no third; one whole name is no surname."""
    whole, last, first = (chosen.get(name) for name in ("holder", "surname", "given_names"))
    if whole is None or last is None:
        return set()
    if first is not None and not _same_place(last, first):
        together = _words(whole) == _words(last) | _words(first)
        return set() if together and not _same_place(whole, last) else {"holder"}
    if not _same_place(whole, last):
        return set()
    if len(_words(whole)) < 2:
        return {"holder"}
    return {"surname", "given_names"} if first is not None and _same_place(last, first) else {"surname"}


def _addresses(chosen: Mapping[str, Candidate]) -> set[str]:
    """Of two addresses that are one the person's is lost, unless the person is named between the employer and it."""
    theirs, own = chosen.get("employer_address"), chosen.get("address")
    if theirs is None or own is None or str(theirs.value).casefold() != str(own.value).casefold():
        return set()
    before = [chosen[name] for name in ("employer", "employee") if name in chosen and chosen[name].line <= own.line]
    nearest = max(before, key=lambda party: party.line, default=None)
    return {"employer_address" if nearest is not None and nearest.field == "employee" else "address"}


def _same_place(one: Candidate, other: Candidate) -> bool:
    """Whether both are one text of the page; a zone names both, each at its place within it."""
    return one.method != "check digits" and (one.page, one.box) == (other.page, other.box)


def _words(candidate: Candidate) -> set[str]:
    return set(re.findall(r"\w+", str(candidate.value).casefold()))
