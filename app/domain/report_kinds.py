"""Kinds of report: which sections in which order, how long, and from which weight on a finding is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from app.domain.facts import Stance
from app.domain.findings import Finding, Materiality
from app.domain.plan import SECTIONS

USUAL = "full"
PLAIN = "plain"  # the tone of the phrase book as it is
OPENERS = ("request.terms", "score.grade")  # what the section's other sentences are about
_LAST = "recommendation"
_STANCE_ORDER = {Stance.ADVERSE: 0, Stance.FAVOURABLE: 1, Stance.NEUTRAL: 2}


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a kind; without ``takes`` it holds the findings that are filed under its name."""

    name: str
    heading: Mapping[str, str] = field(default_factory=dict)  # language -> heading; empty: the desk's own
    takes: tuple[str, ...] = ()  # finding codes, "history.*" for a family

    def wants(self, finding: Finding) -> bool:
        return any(fnmatchcase(finding.code.split(":")[0], pattern) for pattern in self.takes)


@dataclass(frozen=True, slots=True)
class ReportKind:
    """What a report of the kind holds. Whatever a kind leaves out, no adverse finding of weight is among it."""

    name: str
    title: Mapping[str, str]
    sections: tuple[Section, ...]
    length: int = 8  # sentences of a section, unless more must be said
    least: Materiality = Materiality.MINOR  # what weighs less is said only where this kind must
    favourable: int = 1  # findings for the applicant that are said at least, where there are as many
    tone: str = PLAIN
    needs_offer: bool = False  # whether it can only be written of a case with terms that fit
    version: str = "1"
    sha256: str = ""  # of its file

    def names(self) -> list[str]:
        """Every section in reading order: the kind's, the others before the recommendation, which hold what must be
        said and is not at home in the kind's."""
        own = [section.name for section in self.sections]
        others = [name for name in SECTIONS if name not in own]
        if own and own[-1] == _LAST:
            return [*own[:-1], *others, _LAST]
        return [*own, *others]

    def heading(self, section: str, language: str) -> str:
        """The kind's own heading; empty where it leaves it to the desk."""
        return next((each.heading.get(language, "") for each in self.sections if each.name == section), "")

    def section_of(self, finding: Finding) -> str:
        """The first section that takes the code, else the one the finding is filed under; unknown ones are capacity."""
        taking = next((section.name for section in self.sections if section.wants(finding)), None)
        return taking or (finding.section if finding.section in SECTIONS else "capacity")

    def arranged(self, findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
        """Sections with the findings they say: the opener, then the weightiest first, adverse before favourable."""
        given = list(findings)
        held = {name: [f for f in given if self.section_of(f) == name] for name in self.names()}
        own = {section.name for section in self.sections}
        said: set[str] = set()
        for name, candidates in held.items():
            candidates.sort(key=_rank)
            said |= {f.id for at, f in enumerate(candidates) if self._says(f, at, at_home=name in own)}
        spoken_for = sum(f.stance is Stance.FAVOURABLE for f in given if f.id in said)
        further = [f for f in given if f.stance is Stance.FAVOURABLE and f.id not in said]
        further.sort(key=lambda f: (self.section_of(f) not in own, *_rank(f)))
        said |= {f.id for f in further[: max(0, self.favourable - spoken_for)]}
        return [(name, [f for f in candidates if f.id in said]) for name, candidates in held.items()]

    def _says(self, finding: Finding, at: int, *, at_home: bool) -> bool:
        if finding.materiality >= Materiality.MAJOR or weighs_against(finding):
            return True
        return at_home and at < self.length and (finding.materiality >= self.least or finding.code in OPENERS)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "version": self.version,
            "sha256": self.sha256,
            "title": dict(self.title),
            "sections": [
                {"name": s.name}
                | ({"heading": dict(s.heading)} if s.heading else {})
                | ({"takes": list(s.takes)} if s.takes else {})
                for s in self.sections
            ],
            "length": self.length,
            "least": int(self.least),
            "favourable": self.favourable,
            "tone": self.tone,
            "needs_offer": self.needs_offer,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReportKind:
        """Inverse of ``to_json``."""
        return cls(
            name=str(data["name"]),
            title=dict(data["title"]),
            sections=tuple(
                Section(str(s["name"]), dict(s.get("heading", {})), tuple(s.get("takes", ()))) for s in data["sections"]
            ),
            length=int(data["length"]),
            least=Materiality(data["least"]),
            favourable=int(data["favourable"]),
            tone=str(data["tone"]),
            needs_offer=bool(data["needs_offer"]),
            version=str(data["version"]),
            sha256=str(data["sha256"]),
        )


def weighs_against(finding: Finding) -> bool:
    """Whether it is one that every report says: adverse, and more than minor."""
    return finding.stance is Stance.ADVERSE and finding.materiality >= Materiality.NOTABLE


def _rank(finding: Finding) -> tuple[bool, int, int, str]:
    return (finding.code not in OPENERS, -finding.materiality, _STANCE_ORDER[finding.stance], finding.id)


FULL = ReportKind(USUAL, {"en": "Full assessment", "zh": "完整评估"}, tuple(Section(name) for name in SECTIONS))
"""The kind that plans are built for where none is named; its file says the same."""


def rank_of(section: str, order: Sequence[str]) -> int:
    """Place of a section in a report; unknown ones come last."""
    return order.index(section) if section in order else len(order)
