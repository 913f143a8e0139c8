"""A policy applied to one case at any terms: the clauses, the price, and the largest amount that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.affordability import Household
from app.domain.facts import FactValue
from app.domain.money import principal_for_instalment, to_cents
from app.domain.policy import ClauseResult, Offer, Policy, Signatory, Terms
from app.domain.policy_inputs import figures, missing_inputs
from app.domain.policy_tables import (
    JUDGING,
    LIMITS,
    PATHS,
    PRICING,
    TERMS,
    UPLIFT,
    WISH,
    PolicyReading,
    nested,
    number,
    rows_of,
    signatories,
)
from app.domain.pricing import PLAIN, PriceRules, binding_cap, bounded_rate, price_rules
from app.domain.rate_caps import RateCap
from app.domain.ratios import INCOME_USED, RATIOS
from app.errors import InputError

Evaluate = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]
"""``evaluate(JDM document, inputs) -> answer``, the policy engine's one operation."""

Prices = dict[tuple[Any, ...], tuple[Decimal | None, str | None, PriceRules]]
"""Rate and clause of the grid by what the grid reads; may be shared between the cases of one policy."""

VARYING = frozenset(
    {
        "request.amount",
        "loan.instalment",
        "loan.rate_pct",
        "ratio.dsr_after_pct",
        "ratio.disposable_after",
        *(ratio.name for ratio in RATIOS),
    }
)
"""Inputs that change with the amount; a clause that reads none of them holds at every amount."""

MISSING = "referral 3.0"
NO_PRICE = "pricing 6.0"
CAPPED = "capped"
CURRENCY = "terms 0.0"
WISHED = "eligibility 1.0"
_FITTING = ("eligibility", "affordability", PRICING, TERMS)
_ORDER = {"decline": 0, "refer": 1, "pass": 2}
_GENERATED = {
    NO_PRICE: {"en": "No price for this grade and term.", "zh": "该等级与期限没有定价。"},
    CAPPED: {
        "en": "No rate lies between the floor of the policy and the cap of the annual rate.",
        "zh": "政策利率下限与年化利率上限之间没有可用利率。",
    },
    WISHED: {
        "en": "The amount is above the most that the applicant wishes for.",
        "zh": "金额超过申请人自愿设定的上限。",
    },
    CURRENCY: {"en": "The policy has no terms for this currency.", "zh": "政策未涵盖该币种。"},
}
_LEAST_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause that applied, with the names of the inputs it read."""

    table: str
    clause: str  # "affordability 4.2"
    outcome: str
    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Limit:
    """The row of the limits table that holds for the case."""

    clause: str
    dsr_pct: Decimal | None
    amount: Decimal | None
    disposable: Decimal | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the policy says of some terms, and the figures it judged."""

    terms: Terms | None
    hits: tuple[Hit, ...]
    rate_pct: Decimal | None  # the rate of the terms
    priced_pct: Decimal | None  # the rate of the pricing grid, between the policy's floor and cap
    price_clause: str | None
    instalment: Decimal | None
    dsr_before_pct: Decimal | None
    dsr_after_pct: Decimal | None
    disposable_after: Decimal | None
    limit: Limit | None
    signatories: tuple[Signatory, ...]
    step: Decimal
    missing: tuple[str, ...] = field(default=())
    rules: PriceRules = PLAIN
    capped_by: RateCap | None = None  # what brought the grid's rate down, or left none

    @property
    def fits(self) -> bool:
        """Whether amount, term and price pass; referral clauses are about the applicant and do not count."""
        return not self.missing and all(hit.outcome == "pass" for hit in self.hits if hit.table in _FITTING)


class PolicyCheck:
    """One case before the policy. ``values`` are by fact name; prohibited bases must not be among them.

    ``prices`` remembers what the grid said, for this case or for all cases of the policy. ``quick`` answers as
    ``evaluate`` does, only sooner: the largest amount is looked for with it, and confirmed with ``evaluate``.
    ``applied_on`` is the day whose law caps the price; None for today's.
    """

    def __init__(
        self,
        policy: Policy,
        reading: PolicyReading,
        evaluate: Evaluate,
        values: Mapping[str, FactValue | None],
        *,
        currency: str,
        language: str,
        prices: Prices | None = None,
        quick: Evaluate | None = None,
        applied_on: date | None = None,
    ) -> None:
        self.policy = policy
        self.reading = reading
        self._law = policy.caps(applied_on, currency)
        self.currency = currency
        self._evaluate = evaluate
        self._language = language
        self._values = without_uplift() | dict(values) | {"case.currency": currency}
        self._prices = {} if prices is None else prices
        self._answers: dict[Terms | None, Answer] = {}
        self._quick = quick

    @property
    def household(self) -> Household | None:
        """Monthly amounts; None while income or instalments are unknown. The larger of living and rent counts."""
        income, instalments = self._amount(INCOME_USED), self._amount("debt.instalments_monthly")
        if income is None or instalments is None:
            return None
        living, rent = self._amount("expenses.monthly_living"), self._amount("expenses.rent_seen")
        return Household(income, instalments, living if living is None or rent is None else max(living, rent))

    def _amount(self, name: str) -> Decimal | None:
        value = self._values.get(name)
        return value if isinstance(value, Decimal) else None

    @property
    def wish(self) -> Decimal | None:
        """The most that the applicant wishes for; None where nothing was said."""
        return self._amount(WISH)

    def requested(self) -> Terms | None:
        """The terms asked for; None while amount or term is unknown or senseless."""
        amount, months = self._amount("request.amount"), self._values.get("request.term_months")
        if amount is None or amount <= 0 or not isinstance(months, int) or months < 1:
            return None
        return Terms(amount, months)

    def at(self, terms: Terms | None) -> Answer:
        """Put the terms before the tables; at None, the case with no terms at all."""
        if terms not in self._answers:
            self._answers[terms] = self._answer(terms, self._evaluate)
        return self._answers[terms]

    def _answer(self, terms: Terms | None, evaluate: Evaluate) -> Answer:
        values = {
            name: value for name, value in self._values.items() if name not in VARYING or name == "request.amount"
        }
        priced, clause, rate, rules, cap = None, None, None, PLAIN, None
        if terms is not None:
            values |= {"request.amount": terms.amount, "request.term_months": terms.term_months}
            values |= {ratio.name: ratio.value(values) for ratio in RATIOS}
            grid, clause, rules = self._price(values)
            priced = bounded_rate(grid, terms.amount, terms.term_months, rules)
            cap = binding_cap(grid, terms.amount, terms.term_months, rules, priced)
            rate = priced if terms.rate_pct is None else terms.rate_pct
        found = figures(self.household, terms, rate)
        values |= {"loan.rate_pct": rate} | found
        answer = evaluate(self.policy.document, nested(values))
        missing = missing_inputs(self.reading.needed, values)
        return Answer(
            terms=terms,
            hits=self._hits(
                answer, missing, cap, terms.amount if terms else None, unpriced=terms is not None and priced is None
            ),
            rate_pct=rate,
            priced_pct=priced,
            price_clause=clause,
            instalment=found["loan.instalment"],
            dsr_before_pct=found["ratio.dsr_before_pct"],
            dsr_after_pct=found["ratio.dsr_after_pct"],
            disposable_after=found["ratio.disposable_after"],
            limit=_limit(answer.get(PATHS[LIMITS])),
            signatories=signatories(answer),
            step=number(_mapping(answer.get(PATHS[TERMS])), "step") or _LEAST_STEP,
            missing=missing,
            rules=rules,
            capped_by=cap,
        )

    def _price(self, values: Mapping[str, FactValue | None]) -> tuple[Decimal | None, str | None, PriceRules]:
        """Rate of the grid, its clause and the bounds; asked once for all amounts where the grid reads no amount."""
        key = (self.currency, self._law, *(values.get(name) for name in self.reading.pricing_inputs))
        if key not in self._prices:
            answer = self._evaluate(self.policy.document, nested(values))
            row = _mapping(answer.get(PRICING))
            rate = number(row, "rate_pct")
            self._prices[key] = (
                None if rate is None else to_cents(rate),
                str(row["clause"]) if row.get("clause") else None,
                price_rules(_mapping(answer.get(PATHS[TERMS])), self._law),
            )
        return self._prices[key]

    def _hits(
        self,
        answer: Mapping[str, Any],
        missing: tuple[str, ...],
        cap: RateCap | None,
        amount: Decimal | None,
        *,
        unpriced: bool,
    ) -> tuple[Hit, ...]:
        hits = [self._hit(table, row) for table in JUDGING for row in rows_of(answer, table)]
        if above_wish(amount, self.wish):
            hits.append(Hit(JUDGING[0], WISHED, "refer", ("request.amount", WISH), self._words(WISHED)))
        price = _mapping(answer.get(PRICING))
        if price and unpriced and number(price, "rate_pct") is not None:
            hits.append(Hit(PRICING, NO_PRICE, "decline", self.reading.pricing_inputs, self._capped(cap)))
        elif price:
            hits.append(self._hit(PRICING, price))
        elif not missing:
            hits.append(Hit(PRICING, NO_PRICE, "decline", self.reading.pricing_inputs, self._words(NO_PRICE)))
        if missing:
            hits.append(Hit("referral", MISSING, "refer", (), self._missing_text(missing)))
        if not answer.get(PATHS[TERMS]):
            hits.append(Hit(TERMS, CURRENCY, "refer", (), self._words(CURRENCY)))
        limit = _mapping(answer.get(PATHS[LIMITS]))
        if limit.get("clause"):
            hits.append(self._hit(LIMITS, limit))
        return tuple(sorted(hits, key=lambda hit: _ORDER[hit.outcome]))

    def _hit(self, table: str, row: Mapping[str, Any]) -> Hit:
        clause, outcome = str(row.get("clause", "")), str(row.get("outcome") or "pass")
        if outcome not in _ORDER:
            raise InputError(
                "policy",
                f"Clause {table} {clause} of policy {self.policy.name} has the outcome {outcome!r}.",
                remedy="Use pass, refer or decline.",
            )
        text = str(row.get(f"text_{self._language}") or row.get("text_en") or "")
        return Hit(table, f"{table} {clause}", outcome, self.reading.facts(table, clause), text)

    def _capped(self, cap: RateCap | None) -> str:
        """No rate is left, and the law's cap where that is why."""
        words = self._words(CAPPED)
        if cap is None or not cap.source:
            return words
        return (
            f"{words} ({cap.pct:f} %, {cap.clause})"
            if self._language != "zh"
            else f"{words}（{cap.pct:f} %，{cap.clause}）"
        )

    def _words(self, clause: str) -> str:
        return _GENERATED[clause].get(self._language, _GENERATED[clause]["en"])

    def _missing_text(self, missing: Iterable[str]) -> str:
        labels = [self.policy.labels.get(name, {}).get(self._language, name) for name in missing]
        return (
            f"信息缺失：{'、'.join(labels)}。"
            if self._language == "zh"
            else f"Information missing: {', '.join(labels)}."
        )

    def largest(self, term_months: int) -> Offer | None:
        """The largest amount, in the policy's steps, that fits at the term; None if none does.

        A closed form finds it; the tables confirm that it fits and that one step more does not.
        """
        start = self._closed_form(term_months)
        if start is None:
            return None
        step = self.at(Terms(start, term_months)).step
        found = self._searched(start, step, term_months)
        if self._quick is not None and not self._confirmed(found, step, term_months):
            self._quick = None
            found = self._searched(start, step, term_months)
        return None if found is None else self._offer(found, term_months)

    def _searched(self, start: Decimal, step: Decimal, term_months: int) -> Decimal | None:
        if self._fits(start, term_months):
            return self._climb(start, step, term_months)
        return None if self._hopeless(start, term_months) else self._descend(start, step, term_months)

    def _confirmed(self, found: Decimal | None, step: Decimal, term_months: int) -> bool:
        """Whether the engine says of the amount found, and of one step more, what was found."""
        if found is None:
            return not self.at(Terms(step, term_months)).fits
        return self.at(Terms(found, term_months)).fits and not self.at(Terms(found + step, term_months)).fits

    def _closed_form(self, term_months: int) -> Decimal | None:
        """Starting amount for the search, a whole number of steps and at least one."""
        requested = self.requested()
        probe = self.at(Terms(requested.amount if requested else Decimal(1000), term_months))
        household, limit = self.household, probe.limit
        if household is None or probe.rate_pct is None or limit is None or probe.missing:
            return None
        room = household.room(limit.dsr_pct or Decimal(0), limit.disposable or Decimal(0))
        principal = principal_for_instalment(room, probe.rate_pct, term_months)
        amount = min(each for each in (principal, limit.amount, self.wish) if each is not None)
        return max(amount // probe.step, Decimal(1)) * probe.step

    def _fits(self, amount: Decimal, term_months: int) -> bool:
        terms = Terms(amount, term_months)
        if self._quick is None or terms in self._answers:
            return self.at(terms).fits
        return self._answer(terms, self._quick).fits

    def _hopeless(self, amount: Decimal, term_months: int) -> bool:
        """Whether a clause stands against the case that no other amount would change."""
        hits = self.at(Terms(amount, term_months)).hits
        against = [hit for hit in hits if hit.table in _FITTING and hit.outcome != "pass"]
        return any(VARYING.isdisjoint(hit.names) for hit in against)

    def _climb(self, low: Decimal, step: Decimal, term_months: int) -> Decimal:
        """From an amount that fits to the last before one that does not."""
        stride = step
        while self._fits(low + stride, term_months):
            low += stride
            stride *= 2
            if low > _MOST:
                return low
        return self._between(low, low + stride, step, term_months)

    def _descend(self, high: Decimal, step: Decimal, term_months: int) -> Decimal | None:
        """From an amount that does not fit down to one that does, by halves."""
        low = high
        while low > step:
            high, low = low, low / 2 // step * step
            if low > 0 and self._fits(low, term_months):
                return self._between(low, high, step, term_months)
        return None

    def _between(self, low: Decimal, high: Decimal, step: Decimal, term_months: int) -> Decimal:
        """``low`` fits and ``high`` does not: the last step that fits between them."""
        while high - low > step:
            middle = low + (high - low) / 2 // step * step
            low, high = (middle, high) if self._fits(middle, term_months) else (low, middle)
        return low

    def _offer(self, amount: Decimal, term_months: int) -> Offer:
        answer = self.at(Terms(amount, term_months))
        assert answer.rate_pct is not None
        assert answer.instalment is not None
        whole = amount.quantize(Decimal("0.01"))
        return Offer(whole, self.currency, term_months, answer.rate_pct, answer.instalment)


_MOST = Decimal(10) ** 12


def without_uplift() -> dict[str, FactValue | None]:
    """What is known of a case whose documents move no limit."""
    return {UPLIFT: Decimal(0)}


def above_wish(amount: Decimal | None, wish: object) -> bool:
    """Whether the amount is more than the applicant wishes for."""
    return amount is not None and isinstance(wish, Decimal) and amount > wish


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _limit(row: Any) -> Limit | None:
    if not isinstance(row, Mapping):
        return None
    return Limit(
        clause=f"{LIMITS} {row.get('clause', '')}".strip(),
        dsr_pct=_cents(row, "dsr_pct"),
        amount=_cents(row, "amount"),
        disposable=_cents(row, "disposable"),
    )


def _cents(row: Mapping[str, Any], name: str) -> Decimal | None:
    value = number(row, name)
    return None if value is None else to_cents(value)


def clause_results(hits: Iterable[Hit], ids: Mapping[str, str]) -> tuple[ClauseResult, ...]:
    """The hits with the ids of the facts they read (those the case has)."""
    return tuple(
        ClauseResult(
            table=hit.table,
            clause=hit.clause,
            outcome=hit.outcome,
            facts=tuple(ids[name] for name in hit.names if name in ids),
            text=hit.text,
        )
        for hit in hits
    )


def lowest_role(signing: Iterable[Signatory], amount: Decimal) -> Signatory | None:
    """The first role that may sign the amount without an override."""
    return next((each for each in signing if amount <= each.limit), None)
