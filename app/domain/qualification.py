"""Qualification of a language model: the suite, what was measured, and what follows from it for each language."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from app.domain.checking import Setting, check_worded, vocabulary_of
from app.domain.facts import Stance
from app.domain.plan import SentencePlan, Slot
from app.domain.rendering import SLOT

LOWEST = "D"  # with it a model may not word
SETTING = "qualification:"  # before the SHA-256 of the model: the setting that keeps its records, the oldest first
PAYLOAD_TYPE = "application/vnd.caseworth.qualification+json"


@dataclass(frozen=True, slots=True)
class Trial:
    """One plan of the suite with what would be wrong to say of it."""

    plan: SentencePlan
    labels: Mapping[str, str]
    language: str
    wrong: tuple[str, ...]  # expressions that turn its sense
    planted: tuple[str, ...]  # wordings that the checks must refuse
    kinds: Mapping[str, str] = field(
        default_factory=dict
    )  # of the slots, where a taught model words it without the frame

    def passes(self, template: str) -> bool:
        """Whether the checks accept a wording."""
        setting = Setting(
            self.language, vocabulary_of([self.plan.rule_text, self.plan.frame]), (), tuple(self.labels.values())
        )
        return check_worded(template, self.plan, setting).passed

    def turns(self, template: str) -> bool:
        """Whether a wording says the opposite of the plan."""
        body = SLOT.sub("□", template)
        return any(re.search(expression, body, re.IGNORECASE) for expression in self.wrong)


@dataclass(frozen=True, slots=True)
class GradeRule:
    """What a grade asks for; shares in per cent."""

    name: str
    accepted_pct: float
    wrong_pct: float
    variety_pct: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Suite:
    """The plans and the grades, the best first."""

    version: str
    sha256: str
    grades: tuple[GradeRule, ...]
    trials: tuple[Trial, ...]

    def of(self, language: str) -> tuple[Trial, ...]:
        return tuple(trial for trial in self.trials if trial.language == language)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(trial.language for trial in self.trials))


@dataclass(frozen=True, slots=True)
class Measured:
    """How a model did in one language; a plan is asked once."""

    language: str
    plans: int
    accepted: int
    wrong: int  # accepted, and of the opposite sense
    planted: int
    caught: int
    variety: float  # share of word pairs that are not repeated, 0 to 1
    rule_variety: float  # of the rule sentences of the same plans
    tokens: int
    seconds: float  # of all plans, the length of a report
    grade: str = LOWEST

    @property
    def accepted_pct(self) -> float:
        return _pct(self.accepted, self.plans)

    @property
    def wrong_pct(self) -> float:
        return _pct(self.wrong, self.accepted)

    @property
    def tokens_a_second(self) -> float:
        return round(self.tokens / self.seconds, 1) if self.seconds else 0.0

    def graded(self, rules: Sequence[GradeRule]) -> str:
        """The best grade whose figures are all met; none where the checks let a planted error through."""
        if self.caught < self.planted or not self.accepted:
            return LOWEST
        return next((rule.name for rule in rules if self._meets(rule)), LOWEST)

    def _meets(self, rule: GradeRule) -> bool:
        return (
            self.accepted_pct >= rule.accepted_pct
            and self.wrong_pct <= rule.wrong_pct
            and 100 * self.variety >= rule.variety_pct * self.rule_variety
            and self.seconds <= rule.seconds
        )

    def to_json(self) -> dict[str, Any]:
        """Shares and times as strings, for the record is signed as canonical JSON."""
        return {
            "language": self.language,
            "grade": self.grade,
            "plans": self.plans,
            "accepted": self.accepted,
            "wrong": self.wrong,
            "planted": self.planted,
            "caught": self.caught,
            "variety": f"{self.variety:.3f}",
            "rule_variety": f"{self.rule_variety:.3f}",
            "tokens": self.tokens,
            "seconds": f"{self.seconds:.2f}",
            "tokens_a_second": f"{self.tokens_a_second:.1f}",
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Measured:
        """Inverse of ``to_json``, to the digits kept."""
        kept = {key: value for key, value in data.items() if key != "tokens_a_second"}
        numbers = {key: float(kept[key]) for key in ("variety", "rule_variety", "seconds")}
        return cls(**(kept | numbers))


@dataclass(frozen=True, slots=True)
class Qualification:
    """What a model was found to do on a machine, by whom and when; ``measured`` has one entry a language."""

    model: str
    sha256: str
    adapter_sha256: str  # empty: none
    style: str
    runtime: str
    suite: str
    suite_sha256: str
    program: str
    machine: Mapping[str, Any]
    memory: int  # bytes at the most
    at: str  # ISO 8601, UTC
    person: str
    measured: tuple[Measured, ...]

    @property
    def admitted(self) -> tuple[str, ...]:
        """Languages the model may word in."""
        return tuple(each.language for each in self.measured if each.grade != LOWEST)

    @property
    def grade(self) -> str:
        """The best of its languages."""
        return min((each.grade for each in self.measured), default=LOWEST)

    def to_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "sha256": self.sha256,
            "adapter_sha256": self.adapter_sha256,
            "style": self.style,
            "runtime": self.runtime,
            "suite": self.suite,
            "suite_sha256": self.suite_sha256,
            "program": self.program,
            "machine": dict(self.machine),
            "memory": self.memory,
            "at": self.at,
            "person": self.person,
            "grade": self.grade,
            "admitted": list(self.admitted),
            "measured": [each.to_json() for each in self.measured],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Qualification:
        """Inverse of ``to_json``. Raises ``KeyError``, ``TypeError`` or ``ValueError`` on anything else."""
        kept = {key: value for key, value in data.items() if key not in {"grade", "admitted"}}
        return cls(**(kept | {"measured": tuple(Measured.from_json(each) for each in data["measured"])}))


def record_then(kept: str, moment: datetime) -> Mapping[str, Any] | None:
    """Of the kept records the signed one that stood at the moment; null where there was none that can be read."""
    stood = None
    with suppress(KeyError, TypeError, ValueError):
        for envelope in json.loads(kept or "[]"):
            record = Qualification.from_json(json.loads(base64.b64decode(envelope["payload"])))
            if datetime.fromisoformat(record.at) <= moment:
                stood = envelope
    return stood


def variety(templates: Sequence[str], language: str) -> float:
    """Share of the pairs of neighbouring words (Chinese: signs) that are not repeated in the texts."""
    pairs: list[tuple[str, str]] = []
    for template in templates:
        body = SLOT.sub("□", template)
        words = re.findall(r"[\u4e00-\u9fff]|□" if language == "zh" else r"[A-Za-z'-]+|□", body)
        pairs += list(pairwise(words))
    return len(set(pairs)) / len(pairs) if pairs else 0.0


def suite_from(data: Mapping[str, Any], sha256: str) -> Suite:
    """The suite of a file; ``KeyError`` or ``ValueError`` on anything else."""
    grades = tuple(GradeRule(**entry) for entry in data["grade"])
    trials = tuple(_trial(at, entry) for at, entry in enumerate(data["plan"]))
    return Suite(data["version"], sha256, grades, trials)


def _trial(at: int, entry: Mapping[str, Any]) -> Trial:
    slots = tuple(Slot(name, f"f{place}") for place, name in enumerate(entry["slots"]))
    stance = Stance(entry["stance"])
    plan = SentencePlan(
        f"suite.{at}", "capacity", entry["relation"], stance, slots, (), None, entry["rule"], entry["subject"],
        entry["frame"], taught="kinds" in entry,
    )  # fmt: skip
    wrong, planted = tuple(entry["wrong"]), tuple(entry["planted"])
    return Trial(plan, entry["slots"], entry["language"], wrong, planted, entry.get("kinds", {}))


def _pct(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
