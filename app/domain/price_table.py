"""What a policy's price grid comes to: every grade by every term, between floor and caps, with its annual rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.facts import FactValue
from app.domain.offers import TERMS as USUAL_TERMS
from app.domain.policy import Policy
from app.domain.policy_check import Evaluate
from app.domain.policy_tables import PATHS, PRICING, TERMS, UPLIFT, PolicyReading, nested, number
from app.domain.pricing import (
    Price,
    PriceRules,
    binding_cap,
    bounded_rate,
    break_even_rate_pct,
    expected_loss,
    price_of,
    price_rules,
    target_rate_pct,
)
from app.domain.rate_caps import RateCap

READ = ("case.currency", "score.grade", "request.term_months", "request.amount", "score.pd_pct")
"""What the table settles; a grid that reads anything else is shown as far as it goes without."""


@dataclass(frozen=True, slots=True)
class PriceCell:
    """The price of one grade over one term; ``grid_pct`` None where no row gives one."""

    grade: str
    term_months: int
    clause: str
    outcome: str  # "pass" | "refer" | "decline" | "" where no row answers
    grid_pct: Decimal | None
    rate_pct: Decimal | None  # between floor and caps
    floored: bool
    capped_by: RateCap | None
    price: Price | None
    expected_loss: Decimal | None
    break_even_pct: Decimal | None
    target_pct: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Cells by term within grade, of loans of one amount."""

    currency: str
    amount: Decimal
    grades: tuple[str, ...]
    terms: tuple[int, ...]
    cells: tuple[PriceCell, ...]
    rules: PriceRules
    known: bool  # whether the policy has terms for the currency
    reads_more: tuple[str, ...]  # what else the grid reads

    def at(self, grade: str, term_months: int) -> PriceCell:
        """The cell of that grade and term. Raises ``KeyError`` for one outside the table."""
        for cell in self.cells:
            if (cell.grade, cell.term_months) == (grade, term_months):
                return cell
        raise KeyError((grade, term_months))


def price_table(
    policy: Policy,
    evaluate: Evaluate,
    *,
    currency: str,
    amount: Decimal,
    pds: Mapping[str, Decimal | None],
    terms: Sequence[int] = USUAL_TERMS,
) -> PriceTable:
    """Put every grade of ``pds`` (with its probability of default, a fraction) by every term before the grid.

    Raises ``InputError`` for a policy that cannot be evaluated.
    """
    answer = evaluate(policy.document, nested({"case.currency": currency}))
    given = answer.get(PATHS[TERMS])
    rules = price_rules(given if isinstance(given, Mapping) else {}, policy.caps(None, currency))
    reading = PolicyReading(policy)
    more = tuple(
        name for name in reading.pricing_inputs if name not in READ and name.split(".")[0] not in PATHS.values()
    )
    cells = tuple(_cells(policy, evaluate, rules, currency, amount, pds, terms))
    return PriceTable(currency, amount, tuple(pds), tuple(terms), cells, rules, bool(given), more)


def _cells(
    policy: Policy,
    evaluate: Evaluate,
    rules: PriceRules,
    currency: str,
    amount: Decimal,
    pds: Mapping[str, Decimal | None],
    terms: Sequence[int],
) -> Iterator[PriceCell]:
    for grade, pd in pds.items():
        for term in terms:
            values: dict[str, FactValue | None] = {
                "case.currency": currency,
                "score.grade": grade,
                "score.pd_pct": None if pd is None else pd * 100,
                "request.term_months": term,
                "request.amount": amount,
                UPLIFT: Decimal(0),
            }
            row = evaluate(policy.document, nested(values)).get(PRICING)
            yield _cell(row if isinstance(row, Mapping) else {}, grade, term, amount, pd, rules)


def _cell(
    row: Mapping[str, object], grade: str, term: int, amount: Decimal, pd: Decimal | None, rules: PriceRules
) -> PriceCell:
    grid = number(row, "rate_pct")
    rate = bounded_rate(grid, amount, term, rules)
    return PriceCell(
        grade=grade,
        term_months=term,
        clause=f"{PRICING} {row['clause']}" if row.get("clause") else "",
        outcome=str(row.get("outcome") or ("pass" if row else "")),
        grid_pct=grid,
        rate_pct=rate,
        floored=grid is not None and rules.floor_pct is not None and grid < rules.floor_pct,
        capped_by=binding_cap(grid, amount, term, rules, rate),
        price=None if rate is None else price_of(amount, term, rate, rules),
        expected_loss=None if pd is None or rules.lgd_pct is None else expected_loss(pd, rules.lgd_pct, amount),
        break_even_pct=None if pd is None else break_even_rate_pct(amount, term, pd, rules),
        target_pct=None if pd is None else target_rate_pct(amount, term, pd, rules),
    )
