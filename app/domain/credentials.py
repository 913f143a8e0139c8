"""Verified documents move the limit: how far each kind does is the policy's, and each step is a fact with its document.

A document counts when its kind and the fields it must have are beyond doubt (or a person confirmed them), it is the
applicant's, still valid, and bears no sign of a change. The second of a group moves the limit less than the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Any

from app.domain.cross_checks import DOUBTFUL, Paper, Sign
from app.domain.facts import Fact
from app.errors import InputError

CREDENTIALS = "credentials"
"""The key of the table in a policy's document."""

SURE_KIND = 0.9  # a kind less likely than this is doubtful until a person has named it


class Doubt(StrEnum):
    """Why a document moves nothing."""

    KIND = "kind"  # what it is, is not sure
    READING = "reading"  # a field that counts is missing or doubtful
    EXPIRED = "expired"
    PERSON = "person"  # it names somebody else
    ALTERED = "altered"  # it bears signs of a change, was used before, or contradicts another
    CAP = "cap"  # the credentials before it reach the cap


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of document is worth."""

    kind: str
    group: str  # "education": kinds that say the same count together
    amount: Decimal  # of the first document of the group, in policy units
    needs: tuple[str, ...] = ()  # fields that must be read
    per: str | None = None  # a field that multiplies: months of contributions
    most: Decimal | None = None  # of one document whose field multiplies, in policy units


@dataclass(frozen=True, slots=True)
class CredentialRules:
    """The policy's table of credentials."""

    rules: Mapping[str, Rule]  # by kind
    cap: Decimal  # of all steps together, in policy units
    repeat: Decimal  # share that each further document of a group counts of the one before, 0 to 1


@dataclass(frozen=True, slots=True)
class Step:
    """One document before the table."""

    document: str  # SHA-256
    name: str  # of the file
    kind: str
    group: str
    amount: Decimal  # in the case's currency; zero where there is a doubt
    facts: tuple[str, ...]  # ids of the fields it rests on
    doubt: Doubt | None = None


def credential_rules(document: Mapping[str, Any]) -> CredentialRules | None:
    """The table in a policy's document, under ``credentials``; None where the policy has none.

    Raises ``InputError("policy")`` that names what is wrong.
    """
    table = document.get(CREDENTIALS)
    if table is None:
        return None
    try:
        rules = [_rule(row) for row in table["steps"]]
        found = CredentialRules({rule.kind: rule for rule in rules}, Decimal(table["cap"]), Decimal(table["repeat"]))
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as exc:
        raise _refused(f"it is not readable ({type(exc).__name__}: {exc})") from exc
    if len(found.rules) != len(rules):
        raise _refused("a kind of document stands in it twice")
    if found.cap < 0 or not 0 <= found.repeat <= 1 or any(rule.amount < 0 for rule in rules):
        raise _refused("amounts and cap are 0 or more, repeat is from 0 to 1")
    return found


def _refused(why: str) -> InputError:
    remedy = "docs/policy.md describes the table of credentials."
    return InputError("policy", f"The policy's table of credentials cannot be used: {why}.", remedy=remedy)


def _rule(row: Mapping[str, Any]) -> Rule:
    most = row.get("most")
    return Rule(
        kind=row["kind"],
        group=row.get("group", row["kind"]),
        amount=Decimal(row["amount"]),
        needs=tuple(row.get("needs", ())),
        per=row.get("per"),
        most=None if most is None else Decimal(most),
    )


def credential_steps(
    papers: Sequence[Paper], signs: Iterable[Sign], rules: CredentialRules, unit: Decimal
) -> tuple[Step, ...]:
    """The documents that the table knows, in the order they came, with what each moves the limit by.

    ``unit`` is how many units of the case's currency one policy unit has.
    """
    doubts = _doubts(signs)
    before: dict[str, Decimal] = {}  # group -> share that its next document counts
    left = rules.cap * unit
    steps = []
    for paper in papers:
        rule = rules.rules.get(paper.kind)
        if rule is not None:
            share = before.get(rule.group, Decimal(1))
            step = _step(paper, rule, doubts.get(paper.about), share * unit, left)
            if step.doubt is None:
                before[rule.group] = share * rules.repeat
                left -= step.amount
            steps.append(step)
    return tuple(steps)


def _doubts(signs: Iterable[Sign]) -> dict[str, Doubt]:
    """By the paper that a sign is about."""
    kinds = {"identity.names_differ": Doubt.PERSON, "document.expired": Doubt.EXPIRED, "document.stale": Doubt.EXPIRED}
    found: dict[str, Doubt] = {}
    for sign in signs:
        found.setdefault(sign.about.partition(".")[0], kinds.get(sign.code, Doubt.ALTERED))
    return found


def _step(paper: Paper, rule: Rule, doubt: Doubt | None, worth: Decimal, left: Decimal) -> Step:
    fields = [paper.fields.get(name) for name in (*rule.needs, *((rule.per,) if rule.per else ()))]
    read = [fact for fact in fields if fact is not None]
    if doubt is None and paper.kind_confidence < SURE_KIND:
        doubt = Doubt.KIND
    if doubt is None and (len(read) < len(fields) or any(map(_doubtful, read))):
        doubt = Doubt.READING
    amount = Decimal(0)
    if doubt is None:
        amount = min(_worth(paper, rule) * worth, left).quantize(Decimal(1), ROUND_DOWN)
        doubt = Doubt.CAP if amount <= 0 else None
    ids = tuple(fact.id for fact in read)
    return Step(paper.sha256, paper.name, paper.kind, rule.group, max(amount, Decimal(0)), ids, doubt)


def _doubtful(fact: Fact) -> bool:
    return fact.confidence < DOUBTFUL and fact.confirmed_by is None


def _worth(paper: Paper, rule: Rule) -> Decimal:
    """In policy units, before the group's share."""
    if rule.per is None:
        return rule.amount
    value = paper.fields[rule.per].value
    times = abs(Decimal(value)) if isinstance(value, Decimal | int) and not isinstance(value, bool) else Decimal(0)
    whole = rule.amount * times
    return whole if rule.most is None else min(whole, rule.most)


def by_group(steps: Iterable[Step]) -> Iterator[tuple[str, list[Step]]]:
    """The steps that move something, by group."""
    groups: dict[str, list[Step]] = {}
    for step in steps:
        if step.doubt is None:
            groups.setdefault(step.group, []).append(step)
    return iter(groups.items())
