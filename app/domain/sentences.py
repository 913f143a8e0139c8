"""Sentences of a report: text with slots, author, facts and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.domain.facts import Stance


class Author(StrEnum):
    RULE = "rule"
    MODEL = "model"
    PERSON = "person"


class State(StrEnum):
    ACCEPTED = "accepted"
    FALLEN_BACK = "fallen_back"  # the model's wording failed a check; the rule sentence stands
    FLAGGED = "flagged"  # a person's figure matches no fact
    ADOPTED = "adopted"  # a person wrote it and every figure matches a fact


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a check found wrong: ``kind`` and the words it is about."""

    kind: str  # slot_missing | slot_repeated | unknown_slot | unsupported_figure | contradicted_figure | stance | ...
    span: str
    fact: str | None = None  # id of the fact that a figure contradicts
    expected: str | None = None  # what stands in that fact, with its unit; of a comparison, how the figures compare

    def to_json(self) -> dict[str, str | None]:
        return {"kind": self.kind, "span": self.span, "fact": self.fact, "expected": self.expected}

    @classmethod
    def from_json(cls, data: Mapping[str, str | None]) -> Problem:
        """Inverse of ``to_json``; problems stored without ``fact`` and ``expected`` have none."""
        return cls(str(data["kind"]), str(data["span"]), data.get("fact"), data.get("expected"))


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it stands in the report."""

    key: str  # of its plan; "person.N" for an added one
    section: str
    text: str  # rendered, in the reader's locale
    template: str  # with slots: "Instalments would take {ratio.dsr_after_pct} ..."
    author: Author
    state: State
    stance: Stance
    facts: tuple[str, ...]  # fact ids, in order of the slots
    findings: tuple[str, ...]
    checks: Mapping[str, bool]  # check name -> passed, of the text that stands
    fallback: str | None = None  # why the model's wording was not taken, else null
    rejected: str | None = None  # the model's wording that was not taken
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "section": self.section,
            "text": self.text,
            "template": self.template,
            "author": self.author.value,
            "state": self.state.value,
            "stance": self.stance.value,
            "facts": list(self.facts),
            "findings": list(self.findings),
            "checks": dict(self.checks),
            "fallback": self.fallback,
            "rejected": self.rejected,
            "problems": [problem.to_json() for problem in self.problems],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Sentence:
        """Inverse of ``to_json``."""
        return cls(
            key=data["key"],
            section=data["section"],
            text=data["text"],
            template=data["template"],
            author=Author(data["author"]),
            state=State(data["state"]),
            stance=Stance(data["stance"]),
            facts=tuple(data["facts"]),
            findings=tuple(data["findings"]),
            checks=data["checks"],
            fallback=data["fallback"],
            rejected=data["rejected"],
            problems=tuple(Problem.from_json(problem) for problem in data["problems"]),
        )
