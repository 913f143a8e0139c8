"""A rule pack: what the law of one place says of notices to applicants, with its sources. Data, dated and versioned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.domain.rate_caps import LegalCaps, PackCap


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of the pack; ``standing`` is "read" in the source, or "reported" where it was seen second-hand only."""

    citation: str
    standing: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Days from an event to the day the notice is due at the latest."""

    days: int
    source: Citation
    combined: bool = False  # a counter-offer letter that gives the reasons settles this one too
    combined_citation: str = ""

    def due_on(self, since: date) -> date:
        """The last day on which the notice is in time; the day of the event is day 0."""
        return since + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class LegalNotice:
    """A notice of law that a letter carries, with its slots (``{agency}``) by language."""

    title: Mapping[str, str]
    paragraphs: Mapping[str, tuple[str, ...]]
    citation: str


@dataclass(frozen=True, slots=True)
class Agency:
    """Who watches over a kind of creditor; named in its notices with name and address."""

    key: str
    text: str
    who: str
    citation: str


@dataclass(frozen=True, slots=True)
class RulePack:
    """One version of a pack."""

    name: str
    version: str
    jurisdiction: str
    label: Mapping[str, str]
    in_force_from: date | None  # None: from the beginning
    deadlines: Mapping[str, Deadline]  # by trigger, see app.domain.notices
    notices: Mapping[str, LegalNotice]  # by kind of letter, and "bureau"
    agencies: tuple[Agency, ...]
    most_reasons: int
    score_disclosure: bool  # score, range, date and key factors stand in the letter
    bureau_disclosure: bool  # the letter says what the applicant may ask of the bureau
    own_language: str = ""  # of the law; its notices stand in it too
    sources: tuple[Citation, ...] = ()
    note: str = ""
    price_caps: tuple[PackCap, ...] = ()

    def agency(self, key: str) -> Agency | None:
        """The agency chosen, else the last of the list, which is for all other creditors."""
        chosen = next((each for each in self.agencies if each.key == key), None)
        return chosen or (self.agencies[-1] if self.agencies else None)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "version": self.version,
            "jurisdiction": self.jurisdiction,
            "label": dict(self.label),
            "in_force_from": self.in_force_from and self.in_force_from.isoformat(),
            "deadlines": {
                name: {"days": one.days, "citation": one.source.citation, "standing": one.source.standing}
                for name, one in self.deadlines.items()
            },
            "agencies": [{"key": one.key, "text": one.text, "who": one.who} for one in self.agencies],
            "sources": [{"citation": one.citation, "standing": one.standing, "says": one.says} for one in self.sources],
            "price_caps": [{**each.cap.to_json(), "currency": each.currency} for each in self.price_caps],
            "note": self.note,
        }


def in_force(versions: Iterable[RulePack], on: date) -> RulePack:
    """The version in force on a day: the latest that had begun; before all of them, the earliest.

    ``versions`` is not empty.
    """
    ordered = sorted(versions, key=lambda pack: pack.in_force_from or date.min)
    begun = [pack for pack in ordered if (pack.in_force_from or date.min) <= on]
    return begun[-1] if begun else ordered[0]


def legal_caps(versions: Iterable[RulePack], today: date) -> LegalCaps:
    """The caps of a pack by the days from which its versions are in force; nothing where none states one."""
    versions = tuple(versions)
    if not any(pack.price_caps for pack in versions):
        return LegalCaps()
    return LegalCaps(tuple((pack.in_force_from, pack.price_caps) for pack in versions), today)


@dataclass(frozen=True, slots=True)
class Lender:
    """Who sends the letters, as the workspace's settings say; an empty text is one nobody has filled in."""

    name: str = ""
    address: str = ""  # lines
    phone: str = ""
    agency: str = ""  # key in the rule pack
    bureau: str = ""
    bureau_address: str = ""
    bureau_phone: str = ""
    reply_days: int = 30  # given to an applicant to send what is missing: the lender's own choice
    offer_days: int = 30  # a counter-offer stays open: the lender's own choice
