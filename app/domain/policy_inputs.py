"""What policies read that follows from other facts, and what is missing for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from app.domain.affordability import Household
from app.domain.facts import FactValue
from app.domain.money import annuity_instalment
from app.domain.policy import Terms
from app.domain.ratios import INCOME_USED

_LOAN = ("request.amount", "request.term_months", "score.grade")
_SOURCES: Mapping[str, tuple[str, ...]] = {
    "ratio.dsr_after_pct": (INCOME_USED, "debt.instalments_monthly", *_LOAN),
    "ratio.disposable_after": (INCOME_USED, "debt.instalments_monthly", "expenses.monthly_living", *_LOAN),
    "ratio.dsr_before_pct": (INCOME_USED, "debt.instalments_monthly"),
    "loan.rate_pct": _LOAN,
    "loan.instalment": _LOAN,
}


def figures(household: Household | None, terms: Terms | None, rate: Decimal | None) -> dict[str, Decimal | None]:
    """Instalment and affordability at the terms; what cannot be worked out is None."""
    instalment = None
    if terms is not None and rate is not None:
        instalment = annuity_instalment(terms.amount, rate, terms.term_months)
    known = household is not None and instalment is not None
    return {
        "loan.instalment": instalment,
        "ratio.dsr_before_pct": household.dsr_pct() if household else None,
        "ratio.dsr_after_pct": household.dsr_pct(instalment) if household and instalment is not None else None,
        "ratio.disposable_after": household.disposable(instalment or Decimal(0)) if household and known else None,
    }


def missing_inputs(needed: Iterable[str], values: Mapping[str, FactValue | None]) -> tuple[str, ...]:
    """Inputs that tables must have and have not, where they come from rather than what follows from them."""
    absent = [name for name in needed if values.get(name) is None and not name.startswith("policy.")]
    roots: dict[str, None] = {}
    for name in absent:
        sources = _SOURCES.get(name, (name,))
        roots.update(dict.fromkeys(source for source in sources if values.get(source) is None))
    return tuple(roots)
