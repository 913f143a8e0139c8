"""What could be offered instead: every amount by every term, what fits policy, at what price, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.money import principal_for_instalment
from app.domain.policy import Offer, Terms
from app.domain.policy_check import Hit, PolicyCheck
from app.domain.pricing import Price, break_even_rate_pct, expected_loss, price_of, target_rate_pct
from app.domain.rate_caps import RateCap

AMOUNTS = 12
TERMS = (6, 12, 18, 24, 36, 48, 60, 84)
_ALTERNATIVES = ("eligibility", "affordability", "pricing", "terms")


@dataclass(frozen=True, slots=True)
class Reason:
    """A clause that speaks against the terms."""

    clause: str
    outcome: str
    text: str

    def to_json(self) -> dict[str, str]:
        return {"clause": self.clause, "outcome": self.outcome, "text": self.text}


@dataclass(frozen=True, slots=True)
class Cell:
    """One amount over one term; ``fits`` is by amount, term and price, whatever refers the applicant."""

    amount: Decimal
    term_months: int
    fits: bool
    price: Price | None
    dsr_after_pct: Decimal | None
    disposable_after: Decimal | None
    expected_loss: Decimal | None  # PD x LGD x amount
    break_even_pct: Decimal | None
    reasons: tuple[Reason, ...]  # why it does not fit; empty when it does
    referrals: tuple[Reason, ...] = ()  # why a person above is asked, whether it fits or not
    target_pct: Decimal | None = None  # the break-even rate with the policy's margin
    capped_by: RateCap | None = None  # what brought the grid's rate down

    def to_json(self) -> dict[str, Any]:
        price = self.price
        return {
            "amount": format(self.amount, "f"),
            "term_months": self.term_months,
            "fits": self.fits,
            "rate_pct": price and format(price.rate_pct, "f"),
            "instalment": price and format(price.instalment, "f"),
            "fee": price and format(price.fee, "f"),
            "apr_pct": price and format(price.apr_pct, "f"),
            "nominal_apr_pct": price and format(price.nominal_apr_pct, "f"),
            "total_cost": price and format(price.total_cost, "f"),
            "dsr_after_pct": _text(self.dsr_after_pct),
            "disposable_after": _text(self.disposable_after),
            "expected_loss": _text(self.expected_loss),
            "break_even_rate_pct": _text(self.break_even_pct),
            "target_rate_pct": _text(self.target_pct),
            "capped_by": self.capped_by and self.capped_by.to_json(),
            "reasons": [reason.to_json() for reason in self.reasons],
            "referrals": [reason.to_json() for reason in self.referrals],
        }


@dataclass(frozen=True, slots=True)
class Proposal:
    """The largest amount at a term, and what bounds it."""

    term_months: int
    by_grade: Decimal | None  # the limit of grade and income
    by_ratio: Decimal | None  # what the ratio of instalments to income leaves room for
    by_living: Decimal | None  # what must be left to live on leaves room for
    offer: Offer | None  # in the policy's steps; None when nothing fits
    bound_by: str | None  # "grade" | "ratio" | "living" | "policy": the tightest; None when nothing is known

    def to_json(self) -> dict[str, Any]:
        return {
            "term_months": self.term_months,
            "by_grade": _text(self.by_grade),
            "by_ratio": _text(self.by_ratio),
            "by_living": _text(self.by_living),
            "offer": self.offer and self.offer.to_json(),
            "bound_by": self.bound_by,
        }


@dataclass(frozen=True, slots=True)
class OfferGrid:
    """Cells by term within amount, and the limit proposed at each term."""

    currency: str
    amounts: tuple[Decimal, ...]
    terms: tuple[int, ...]
    cells: tuple[Cell, ...]
    limits: tuple[Proposal, ...]
    requested: Terms | None

    def at(self, amount: Decimal, term_months: int) -> Cell:
        """The cell of these terms. Raises ``KeyError`` for terms outside the grid."""
        for cell in self.cells:
            if (cell.amount, cell.term_months) == (amount, term_months):
                return cell
        raise KeyError((amount, term_months))

    def to_json(self) -> dict[str, Any]:
        return {
            "currency": self.currency,
            "requested": self.requested
            and {"amount": format(self.requested.amount, "f"), "term_months": self.requested.term_months},
            "amounts": [format(amount, "f") for amount in self.amounts],
            "terms": list(self.terms),
            "cells": [cell.to_json() for cell in self.cells],
            "limits": [limit.to_json() for limit in self.limits],
        }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def offer_grid(
    check: PolicyCheck, pd: Decimal | None, amounts: Sequence[Decimal] = (), terms: Sequence[int] = ()
) -> OfferGrid:
    """The grid of a case before its policy. Without ``amounts`` and ``terms`` it is laid around the request.

    ``pd`` is the case's probability of default, a fraction of one; without it no loss is expected of anything.
    """
    months = tuple(sorted(terms or default_terms(check)))
    wanted = tuple(sorted(amounts or default_amounts(check, months)))
    cells = tuple(cell(check, Terms(amount, term), pd) for amount in wanted for term in months)
    limits = tuple(proposal(check, term) for term in months)
    return OfferGrid(check.currency, wanted, months, cells, limits, check.requested())


def default_terms(check: PolicyCheck) -> tuple[int, ...]:
    """Usual terms, the requested one in the place of the nearest."""
    requested = check.requested()
    if requested is None or requested.term_months in TERMS:
        return TERMS
    nearest = min(TERMS, key=lambda term: abs(term - requested.term_months))
    return tuple(requested.term_months if term == nearest else term for term in TERMS)


def default_amounts(check: PolicyCheck, terms: Sequence[int]) -> tuple[Decimal, ...]:
    """Amounts in whole steps of the policy, up to the larger of the request and what fits over the longest term."""
    requested = check.requested()
    top = requested.amount if requested else Decimal(0)
    largest = [offer.amount for term in terms if (offer := check.largest(term))]
    top = max([top, *largest])
    step = check.at(requested).step
    if top <= 0:
        return ()
    count = max(1, AMOUNTS - (1 if requested else 0))
    pace = max(step, (top / count // step) * step)
    found = {pace * at for at in range(1, count + 1) if pace * at < top} | {top // step * step or step}
    asked = {requested.amount} if requested else set()
    return tuple(sorted(asked | set(sorted(found - asked)[-(AMOUNTS - len(asked)) :])))


def cell(check: PolicyCheck, terms: Terms, pd: Decimal | None) -> Cell:
    """Put one amount and term before the policy."""
    answer = check.at(terms)
    rules = answer.rules
    price = None if answer.rate_pct is None else price_of(terms.amount, terms.term_months, answer.rate_pct, rules)
    loss = None if pd is None or rules.lgd_pct is None else expected_loss(pd, rules.lgd_pct, terms.amount)
    even = None if pd is None else break_even_rate_pct(terms.amount, terms.term_months, pd, rules)
    target = even if even is None or pd is None else target_rate_pct(terms.amount, terms.term_months, pd, rules)
    against = [hit for hit in answer.hits if hit.outcome != "pass"]
    reasons = tuple(_reason(hit) for hit in against if hit.table in _ALTERNATIVES or answer.missing)
    referrals = tuple(_reason(hit) for hit in against if hit.table not in _ALTERNATIVES)
    return Cell(
        amount=terms.amount,
        term_months=terms.term_months,
        fits=answer.fits,
        price=price,
        dsr_after_pct=answer.dsr_after_pct,
        disposable_after=answer.disposable_after,
        expected_loss=loss,
        break_even_pct=even,
        reasons=() if answer.fits else reasons,
        referrals=referrals,
        target_pct=target,
        capped_by=answer.capped_by,
    )


def _reason(hit: Hit) -> Reason:
    return Reason(hit.clause, hit.outcome, hit.text)


def proposal(check: PolicyCheck, term_months: int) -> Proposal:
    """The limit at a term, by grade, by the ratio of instalments to income, and by what must be left to live on."""
    requested = check.requested()
    probe = check.at(Terms(requested.amount if requested else Decimal(1000), term_months))
    bounds = dict(_bounds(check, probe.limit, probe.rate_pct, term_months)) if probe.limit else {}
    offer = check.largest(term_months)
    return Proposal(
        term_months,
        bounds.get("grade"),
        bounds.get("ratio"),
        bounds.get("living"),
        offer,
        _bound_by(bounds, offer, probe.step),
    )


def _bounds(check: PolicyCheck, limit: Any, rate: Decimal | None, term_months: int) -> Iterator[tuple[str, Decimal]]:
    if limit.amount is not None:
        yield "grade", limit.amount
    household = check.household
    if household is None or rate is None:
        return
    free = Decimal("-Infinity")
    if limit.dsr_pct is not None:
        room = household.room(limit.dsr_pct, free)
        yield "ratio", principal_for_instalment(room, rate, term_months)
    if household.living is not None and limit.disposable is not None:
        left = household.disposable() or Decimal(0)
        yield "living", principal_for_instalment(left - limit.disposable, rate, term_months)


def _bound_by(bounds: dict[str, Decimal], offer: Offer | None, step: Decimal) -> str | None:
    """The tightest bound, or the policy's other clauses where they leave less than all three."""
    if not bounds:
        return None
    name = min(bounds, key=lambda each: bounds[each])
    reached = offer is not None and offer.amount + step > bounds[name]
    return name if reached or bounds[name] < step else "policy"
