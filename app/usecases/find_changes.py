"""Find what would bring a case to the next grade, or into policy: a smaller amount, another term, debts paid off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.bureau import merged_accounts
from app.domain.case import Case
from app.domain.counterfactual import (
    AMOUNT,
    CHANGEABLE,
    INSTALMENTS,
    OUTSTANDING,
    TERM,
    Goal,
    Levers,
    OpenDebt,
    Proposal,
    nearest_changes,
)
from app.domain.derivation import by_name
from app.domain.derive import Assumptions, Evidence
from app.domain.facts import Fact, FactValue
from app.domain.offers import default_terms
from app.domain.policy import Policy, Terms
from app.domain.policy_check import Answer, PolicyCheck, Prices
from app.domain.policy_program import ProgramEngine
from app.domain.policy_tables import PolicyReading
from app.domain.pricing import Price, price_of
from app.domain.ratios import with_sources
from app.domain.score import Score, score_inputs
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import InputError
from app.ports import PolicyEngine, Stores, Workspace
from app.usecases.assess_policy import comparable, policy_check
from app.usecases.derive_facts import evidence

MOST_CHANGES = 3  # told for each goal, the nearest ones
MOST_AMOUNTS = 200
"""Amounts tried below the one asked for; the policy's step is widened where it leaves more."""

ALL_DEBTS = ""
"""Id of the one debt of a case whose debts are known as a total only."""


@dataclass(frozen=True, slots=True)
class Change:
    """One proposal with what it comes to under the policy."""

    proposal: Proposal
    debts: tuple[OpenDebt, ...]  # paid off
    fits: bool
    price: Price | None
    dsr_after_pct: Decimal | None

    def to_json(self) -> dict[str, Any]:
        price = self.price
        return self.proposal.to_json() | {
            "fits": self.fits,
            "rate_pct": price and format(price.rate_pct, "f"),
            "instalment": price and format(price.instalment, "f"),
            "apr_pct": price and format(price.apr_pct, "f"),
            "dsr_after_pct": None if self.dsr_after_pct is None else format(self.dsr_after_pct, "f"),
        }


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted, and the nearest changes that reach it; none where nothing in reach does."""

    grade: str | None  # that grade or a better one; None: to fit policy
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What stands today, and what would change it."""

    requested: Terms | None  # None: no amount or no term is known, and nothing can be said
    currency: str
    fits: bool  # the request, by amount, term and price
    grade: str
    points: int
    best: bool  # there is no better grade
    targets: tuple[Target, ...]

    def to_json(self) -> dict[str, Any]:
        asked = self.requested
        return {
            "requested": asked and {"amount": format(asked.amount, "f"), "term_months": asked.term_months},
            "currency": self.currency,
            "fits": self.fits,
            "grade": self.grade,
            "points": self.points,
            "best": self.best,
            "targets": [
                {"grade": each.grade, "changes": [change.to_json() for change in each.changes]} for each in self.targets
            ],
        }


def find_changes(case_id: str, workspace: Workspace, engine: PolicyEngine, *, policy: Policy) -> Outlook:
    """The nearest changes of amount, term and debts for an assessed case; nothing is stored, no other fact moves.

    Raises ``InputError`` for a case there is not, one without a score, or one whose facts or scorecard are no longer
    those it was scored by.
    """
    with workspace.read() as stores:
        case = stores.cases.get(case_id)
        score = stores.scores.get(case.id)
        if score is None:
            raise InputError("case", f"{case.id} has not been assessed.", remedy="Score it first.")
        document = stores.scores.scorecard(score.sha256)
        if document is None:
            raise _stale(case)
        card = read_scorecard(document)
        inputs = stores.scores.inputs(case.id, (*with_sources(card.names), *CHANGEABLE))
        facts = by_name(stores.facts.current(case.id), workspace.catalogue)
        debts = _debts(case, stores, facts)
    if score_inputs(card, inputs).points != score.points:
        raise _stale(case)
    return _Seeker(case, card, score, facts, inputs, debts, _Judge(case, facts, policy, engine)).outlook()


def _stale(case: Case) -> InputError:
    return InputError("case", f"{case.id} changed since it was scored.", remedy="Assess it anew.")


def _debts(case: Case, stores: Stores, facts: Mapping[str, Fact]) -> tuple[OpenDebt, ...]:
    """Debts that may be paid off: those the bureau lists, else all of them at once."""
    outstanding = _amount(facts, OUTSTANDING, case.currency)
    if not outstanding:
        return ()
    found = evidence(case, stores, facts.get("request.date"), Assumptions())
    listed = tuple(_listed(found, case.currency))
    return listed or (OpenDebt(ALL_DEBTS, outstanding, _amount(facts, INSTALMENTS, case.currency) or Decimal(0)),)


def _listed(found: Evidence, currency: str) -> Iterator[OpenDebt]:
    """Running accounts with a balance and an instalment, each under a name of its own."""
    seen: set[str] = set()
    for account in merged_accounts(found.reports):
        running = account.open_on(found.applied_on or date.min) and account.currency in (None, currency)
        if not (running and account.balance and account.instalment):
            continue
        name = " ".join(filter(None, (account.lender, account.number)))
        if name and name not in seen:
            seen.add(name)
            yield OpenDebt(name, account.balance, account.instalment)


def _amount(facts: Mapping[str, Fact], name: str, currency: str) -> Decimal | None:
    fact = facts.get(name)
    usable = fact is not None and comparable(fact, currency) and isinstance(fact.value, Decimal)
    return fact.value if fact is not None and usable and isinstance(fact.value, Decimal) else None


class _Judge:
    """Puts proposals before the policy, with the score and the debts that they would have."""

    def __init__(self, case: Case, facts: Mapping[str, Fact], policy: Policy, engine: PolicyEngine) -> None:
        self._case, self._facts, self._policy = case, facts, policy
        self._engine = ProgramEngine(engine)
        self._reading = PolicyReading(policy)
        self._prices: Prices = {}
        self._checks: dict[tuple[tuple[str, ...], int], PolicyCheck] = {}

    def check(self, score: Score, settled: Sequence[OpenDebt] = ()) -> PolicyCheck:
        key = tuple(debt.id for debt in settled), score.points
        if key not in self._checks:
            self._checks[key] = policy_check(
                self._without(settled),
                self._case,
                score,
                self._policy,
                self._engine,
                reading=self._reading,
                prices=self._prices,
            )
        return self._checks[key]

    def _without(self, settled: Sequence[OpenDebt]) -> Mapping[str, Fact]:
        gone = {
            OUTSTANDING: sum((debt.outstanding for debt in settled), Decimal(0)),
            INSTALMENTS: sum((debt.instalment for debt in settled), Decimal(0)),
        }
        facts = dict(self._facts)
        for name, less in gone.items():
            held = _amount(facts, name, self._case.currency)
            if held is not None and less:
                facts[name] = replace(facts[name], value=max(Decimal(0), held - less))
        return facts


@dataclass(frozen=True)
class _Seeker:
    """One case with all that its answers rest on."""

    case: Case
    card: Scorecard
    score: Score
    facts: Mapping[str, Fact]
    inputs: Mapping[str, FactValue | None]
    debts: tuple[OpenDebt, ...]
    judge: _Judge

    def outlook(self) -> Outlook:
        check = self.judge.check(self.score)
        requested = check.requested()
        grades = [grade.name for grade in self.card.grades]  # best first
        place = grades.index(self.score.grade)
        fits = requested is not None and check.at(requested).fits
        targets = tuple(self._targets(check, fits=fits, better=grades[place - 1] if place else None))
        return Outlook(
            requested,
            self.case.currency,
            fits,
            self.score.grade,
            self.score.points,
            place == 0,
            targets if requested else (),
        )

    def _targets(self, check: PolicyCheck, *, fits: bool, better: str | None) -> Iterator[Target]:
        requested = check.requested()
        if requested is None or self.inputs.get(AMOUNT) is None or self.inputs.get(TERM) is None:
            return
        levers = self._levers(check, requested)
        if not fits:
            yield self._target(None, Goal(fits=lambda each: self._answer(each).fits), levers)
        if better is not None:
            yield self._target(better, Goal(grade=better), levers)

    def _levers(self, check: PolicyCheck, requested: Terms) -> Levers:
        """Amounts in the policy's steps, no more than ``MOST_AMOUNTS``; the terms that have a price."""
        step = check.at(requested).step
        step *= max(Decimal(1), -(-requested.amount // (step * MOST_AMOUNTS)))
        terms = default_terms(check)
        priced = (term for term in terms if check.at(Terms(requested.amount, term)).rate_pct is not None)
        return Levers(step, step, tuple(priced), self.debts)

    def _target(self, grade: str | None, goal: Goal, levers: Levers) -> Target:
        found = nearest_changes(self.card, self.inputs, goal, levers)
        return Target(grade, tuple(self._change(each) for each in found[:MOST_CHANGES]))

    def _settled(self, proposal: Proposal) -> tuple[OpenDebt, ...]:
        return tuple(debt for debt in self.debts if debt.id in proposal.settled)

    def _answer(self, proposal: Proposal) -> Answer:
        assert proposal.amount is not None
        assert proposal.term_months is not None
        terms = Terms(proposal.amount, proposal.term_months)
        return self.judge.check(proposal.score, self._settled(proposal)).at(terms)

    def _change(self, proposal: Proposal) -> Change:
        answer = self._answer(proposal)
        terms = answer.terms
        assert terms is not None
        rate = answer.rate_pct
        price = None if rate is None else price_of(terms.amount, terms.term_months, rate, answer.rules)
        return Change(proposal, self._settled(proposal), answer.fits, price, answer.dsr_after_pct)
