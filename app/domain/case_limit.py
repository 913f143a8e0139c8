"""The limit of a case: what the policy gives the grade, each document's step above it, and the applicant's wish.

Steps are facts (``credential.step``, one a document) whose method tells the group and the place in it, or the doubt:
``credentials: education, second``; ``credentials: property, expired``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.case import Document
from app.domain.credentials import CredentialRules, Doubt, Step, credential_steps
from app.domain.cross_checks import Paper, Sign
from app.domain.derivation import Derivation
from app.domain.facts import Fact
from app.domain.policy_tables import LIMIT, UPLIFT, WISH

STEP = "credential.step"
_METHOD = "credentials: "
_SUM = "sum, at most "
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, slots=True)
class LimitStep:
    """What one document does to the limit."""

    fact: str  # id of the step
    document: str  # SHA-256
    name: str  # of the file
    kind: str
    group: str
    amount: Decimal
    doubt: Doubt | None

    def to_json(self) -> dict[str, Any]:
        return {
            "fact": self.fact,
            "document": self.document,
            "name": self.name,
            "kind": self.kind,
            "group": self.group,
            "amount": format(self.amount, "f"),
            "doubt": self.doubt.value if self.doubt else None,
        }


@dataclass(frozen=True, slots=True)
class CaseLimit:
    """The limit as the case's facts tell it; None for what is not known."""

    currency: str
    grade: str | None
    base: Decimal | None  # by grade and income
    uplift: Decimal
    cap: Decimal | None  # of the uplift; None where the case has no document that the policy counts
    amount: Decimal | None  # base and uplift
    wish: Decimal | None  # at most this much, at the applicant's wish
    steps: tuple[LimitStep, ...]

    @property
    def binding(self) -> Decimal | None:
        """The smaller of limit and wish."""
        known = [each for each in (self.amount, self.wish) if each is not None]
        return min(known, default=None)

    def to_json(self) -> dict[str, Any]:
        """The object that ``caseworth show --json`` gives as ``limit``."""
        return {
            "base": _text(self.base),
            "uplift": _text(self.uplift),
            "cap": _text(self.cap),
            "amount": _text(self.amount),
            "wish": _text(self.wish),
            "steps": [step.to_json() for step in self.steps],
        }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def put_credentials(
    facts: Derivation, papers: Sequence[Paper], signs: Iterable[Sign], rules: CredentialRules, unit: Decimal
) -> None:
    """Put a step for each document that the policy counts, and their sum; nothing where there is none of them."""
    steps = credential_steps(papers, signs, rules, unit)
    if not steps:
        return
    fields = {fact.id: fact for paper in papers for fact in paper.fields.values()}
    places: dict[str, int] = {}
    put = []
    for step in steps:
        places[step.group] = places.get(step.group, 0) + (step.doubt is None)
        method = f"{_METHOD}{step.group}, {_place(step, places[step.group])}"
        used = [fields[each] for each in step.facts]
        put.append(facts.put_of_document(STEP, _cents(step.amount), method, step.document, used))
    total = sum((step.amount for step in steps), Decimal(0))
    facts.put_sum(UPLIFT, _cents(total), f"{_METHOD}{_SUM}{_cents(rules.cap * unit):f}", put)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def _place(step: Step, at: int) -> str:
    if step.doubt is not None:
        return step.doubt.value
    return _PLACES[at - 1] if at <= len(_PLACES) else f"{at}th"


def case_limit(
    facts: Iterable[Fact], used: Mapping[str, Fact], documents: Iterable[Document], currency: str
) -> CaseLimit:
    """Read the limit off a case's current facts; ``used`` are those in use by name."""
    found = {fact.source.document: fact for fact in facts if _is_step(fact)}
    steps = [_read(found[document.sha256], document) for document in documents if document.sha256 in found]
    uplift, limit, grade = used.get(UPLIFT), used.get(LIMIT), used.get("score.grade")
    moved = _money(uplift, currency) or Decimal("0.00")
    amount = _money(limit, currency)
    counted = uplift is not None and limit is not None and uplift.id in limit.source.inputs
    return CaseLimit(
        currency=currency,
        grade=str(grade.value) if grade else None,
        base=amount - moved if amount is not None and counted else amount,
        uplift=moved,
        cap=_cap(uplift),
        amount=amount,
        wish=_money(used.get(WISH), currency),
        steps=tuple(steps),
    )


def _is_step(fact: Fact) -> bool:
    return fact.name == STEP and (fact.source.method or "").startswith(_METHOD)


def _read(fact: Fact, document: Document) -> LimitStep:
    group, _, word = (fact.source.method or "").removeprefix(_METHOD).rpartition(", ")
    doubt = Doubt(word) if word in set(Doubt) else None
    amount = fact.value if isinstance(fact.value, Decimal) else Decimal(0)
    return LimitStep(fact.id, document.sha256, document.name, document.kind, group, amount, doubt)


def _cap(uplift: Fact | None) -> Decimal | None:
    _, found, cap = (uplift.source.method or "" if uplift else "").partition(_SUM)
    return Decimal(cap) if found else None


def _money(fact: Fact | None, currency: str) -> Decimal | None:
    if fact is None or fact.unit != currency or not isinstance(fact.value, Decimal):
        return None
    return fact.value
