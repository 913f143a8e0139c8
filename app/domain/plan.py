"""The plan of a report: which findings, in which order, in which sentence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from app.domain.facts import Stance

SECTIONS = ("request", "capacity", "history", "documents", "score", "policy", "mitigants", "recommendation")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a sentence that the app fills with a fact's value."""

    name: str  # the fact's catalogue name; "{income.net_monthly}" in the text
    fact: str  # fact id
    stance: Stance = Stance.NEUTRAL  # colours the figure


@dataclass(frozen=True, slots=True)
class SentencePlan:
    """What one sentence must say; the wording is free, these are not."""

    key: str  # stable within the report: "capacity.affordability_after"
    section: str
    relation: str  # is | exceeds | below | equals | contradicts | absent | met
    stance: Stance
    slots: tuple[Slot, ...]
    findings: tuple[str, ...]  # finding ids
    clause: str | None
    rule_text: str  # the plain sentence with slots, in the report's language; always correct
    subject: str  # short label of what it is about, for the prompt: "instalments after this loan"
    frame: str = ""  # the rule sentence with the choices a small model may make; empty when there are none
    evidence: tuple[str, ...] = ()  # ids of all facts of its findings, those without a slot included
    taught: bool = False  # whether a model that was taught its relation may word it without the frame
    materiality: int = 1  # of its weightiest finding, see app.domain.findings.Materiality


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered sentence plans of one report."""

    case_id: str
    language: str  # "en" | "zh"
    sentences: tuple[SentencePlan, ...]

    def digest(self) -> str:
        """SHA-256 over everything the plan fixes, as hexadecimal digits."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
