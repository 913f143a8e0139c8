"""Questions to the applicant: what the findings leave open and only the applicant can settle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.facts import Fact, Stance
from app.domain.findings import Finding
from app.domain.rendering import Prose, slot_names

_PLACE = re.compile(r"\{(\d)\}")


@dataclass(frozen=True, slots=True)
class Question:
    """One question, with the finding it comes from."""

    text: str  # rendered, in the reader's locale
    template: str  # with slots
    finding: str  # finding id
    facts: tuple[str, ...]  # fact ids, in order of the slots

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "template": self.template, "finding": self.finding, "facts": list(self.facts)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Question:
        """Inverse of ``to_json``."""
        return cls(str(data["text"]), str(data["template"]), str(data["finding"]), tuple(data["facts"]))


def questions_from(findings: Iterable[Finding], facts: Iterable[Fact], prose: Prose) -> tuple[Question, ...]:
    """The questions, of the weightiest finding first, none twice; a prohibited basis is never asked for.

    A finding in the applicant's favour asks nothing. Of the texts of a code the first whose slots have facts is used.
    """
    known = {fact.id: fact for fact in facts if not prose.catalogue.prohibited(fact.name)}
    asked: dict[str, Question] = {}
    for finding in sorted(findings, key=lambda f: (-f.materiality, f.id)):
        if finding.stance is not Stance.FAVOURABLE:
            question = _question(finding, known, prose)
            if question is not None:
                asked.setdefault(question.text, question)
    return tuple(asked.values())


def _question(finding: Finding, known: Mapping[str, Fact], prose: Prose) -> Question | None:
    own = [known[fact_id] for fact_id in finding.facts if fact_id in known]
    by_name = {fact.name: fact for fact in reversed(own)}
    names = list(dict.fromkeys(fact.name for fact in own))
    for text in prose.phrases.questions_of(finding.code, finding.stance, prose.language):
        if any(int(place) >= len(names) for place in _PLACE.findall(text)):
            continue
        template = _PLACE.sub(lambda match: "{" + names[int(match.group(1))] + "}", text)
        slots = slot_names(template)
        if all(name in by_name for name in slots):
            ids = tuple(dict.fromkeys(by_name[name].id for name in slots))
            return Question(prose.fill(template, by_name), template, finding.id, ids)
    return None
