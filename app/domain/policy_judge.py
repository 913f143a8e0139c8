"""A policy's outcome for one case of thousands: the same as ``policy_check``, and nothing that only one case needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.affordability import Household
from app.domain.facts import FactValue
from app.domain.money import to_cents
from app.domain.policy import OUTCOMES, Policy, Terms
from app.domain.policy_check import (
    CURRENCY,
    MISSING,
    NO_PRICE,
    VARYING,
    WISHED,
    Evaluate,
    PolicyCheck,
    Prices,
    above_wish,
    without_uplift,
)
from app.domain.policy_inputs import figures, missing_inputs
from app.domain.policy_program import PolicyProgram, ProgramEngine, as_read
from app.domain.policy_tables import AUTHORITY, JUDGING, PATHS, PRICING, TERMS, WISH, PolicyReading, number, rows_of
from app.domain.pricing import PLAIN, PriceRules, bounded_rate, price_rules
from app.domain.rate_caps import RateCap
from app.domain.ratios import RATIOS


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy says of a case at the requested terms."""

    outcome: str  # "approve" | "refer" | "decline"
    rate_pct: Decimal | None
    clauses: tuple[str, ...]  # those that refer or decline: "affordability 4.2"


class Judge:
    """One policy before many cases; ``evaluate`` is the engine's, for a policy that is not read into Python."""

    def __init__(self, policy: Policy, evaluate: Evaluate) -> None:
        self.policy = policy
        self.reading = PolicyReading(policy)
        self.program: PolicyProgram | None = ProgramEngine(None).program(policy.document)
        self._evaluate = evaluate
        self._prices: dict[tuple[Any, ...], tuple[Decimal | None, PriceRules]] = {}
        self._checked: Prices = {}
        self._ratios = tuple(ratio for ratio in RATIOS if ratio.name in self.reading.inputs)

    def judge(self, values: Mapping[str, FactValue | None], currency: str, applied_on: date | None = None) -> Judgement:
        """``values`` and day of the application as ``PolicyCheck`` takes them.

        Raises ``InputError`` for a policy that cannot be evaluated.
        """
        check = PolicyCheck(
            self.policy,
            self.reading,
            self._evaluate,
            values,
            currency=currency,
            language="en",
            prices=self._checked,
            applied_on=applied_on,
        )
        if self.program is None:
            answer = check.at(check.requested())
            return _judgement(
                answer.priced_pct, [(hit.clause, hit.outcome) for hit in answer.hits if hit.outcome != "pass"]
            )
        given = without_uplift() | dict(values) | {"case.currency": currency}
        law = self.policy.caps(applied_on, currency)
        return self._judged(self.program, given, check.household, check.requested(), law)

    def _judged(
        self,
        program: PolicyProgram,
        given: dict[str, Any],
        household: Household | None,
        terms: Terms | None,
        law: tuple[RateCap, ...],
    ) -> Judgement:
        values = {name: value for name, value in given.items() if name not in VARYING or name == "request.amount"}
        rate = None
        if terms is not None:
            values |= {ratio.name: ratio.value(values) for ratio in self._ratios}
            rate = self._price(program, values, terms, law)
        values |= figures(household, terms, rate) | {"loan.rate_pct": rate}
        env = {name: as_read(value) for name, value in values.items()}
        answer = program.answer(env, without=(AUTHORITY,))
        missing = missing_inputs(self.reading.needed, values)
        against = _against(answer, rate, unpriced=terms is not None and rate is None, missing=missing)
        if above_wish(terms.amount if terms else None, given.get(WISH)):
            against.append((WISHED, "refer"))
        return _judgement(rate, against)

    def _price(
        self, program: PolicyProgram, values: Mapping[str, Any], terms: Terms, law: tuple[RateCap, ...]
    ) -> Decimal | None:
        key = (values["case.currency"], law, *(values.get(name) for name in self.reading.pricing_inputs))
        if key not in self._prices:
            env = {name: as_read(value) for name, value in values.items()}
            answer = program.answer(env, without=(AUTHORITY, *JUDGING))
            grid = number(answer.get(PRICING) or {}, "rate_pct")
            rules = price_rules(answer.get(PATHS[TERMS]) or {}, law)
            self._prices[key] = None if grid is None else to_cents(grid), rules
        grid, rules = self._prices[key]
        if rules == PLAIN:
            return grid
        return bounded_rate(grid, terms.amount, terms.term_months, rules)


def _against(
    answer: Mapping[str, Any], rate: Decimal | None, *, unpriced: bool, missing: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Clauses that refer or decline, as ``PolicyCheck`` finds them."""
    out = [
        (f"{table} {row.get('clause', '')}", str(row.get("outcome") or "pass"))
        for table in JUDGING
        for row in rows_of(answer, table)
    ]
    price = answer.get(PRICING)
    if (price and unpriced and number(price, "rate_pct") is not None) or (not price and not missing):
        out.append((NO_PRICE, "decline"))
    elif price:
        out.append((f"{PRICING} {price.get('clause', '')}", str(price.get("outcome") or "pass")))
    if missing:
        out.append((MISSING, "refer"))
    if not answer.get(PATHS[TERMS]):
        out.append((CURRENCY, "refer"))
    return [(clause, outcome) for clause, outcome in out if outcome != "pass"]


def _judgement(rate: Decimal | None, against: list[tuple[str, str]]) -> Judgement:
    outcome = max((outcome for _, outcome in against), key=OUTCOMES.index, default="approve")
    clauses = sorted(against, key=lambda each: -OUTCOMES.index(each[1]))
    return Judgement(outcome, rate, tuple(clause for clause, _ in clauses))
