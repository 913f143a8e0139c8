"""Debts found at the bureau and on statements, brought together and held against what the form states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from app.domain.bureau import Account
from app.domain.case import Transaction
from app.domain.cash_flow import Obligation
from app.domain.transactions.words import names

SAME_PCT = Decimal(2)  # a statement's instalment and the bureau's are one debt when they lie this close
LEAST = Decimal(1)  # in the currency's units: a smaller difference is no undisclosed debt
_MOST_SEARCHED = 12  # debts among which the stated total is looked for; beyond that the difference is taken


@dataclass(frozen=True, slots=True)
class FoundDebt:
    """One monthly obligation, from the bureau, the statements or both."""

    label: str
    monthly: Decimal
    entries: tuple[Transaction, ...] = ()  # statement lines that show it
    at_bureau: bool = False


@dataclass(frozen=True, slots=True)
class Undisclosed:
    """What was found beyond the form; ``debts`` is empty when only the totals differ."""

    monthly: Decimal
    debts: tuple[FoundDebt, ...]

    @property
    def detail(self) -> str:
        return "; ".join(debt.label for debt in self.debts)


def found_debts(accounts: Iterable[tuple[Account, Decimal]], seen: Iterable[Obligation]) -> tuple[FoundDebt, ...]:
    """Each debt once: a statement's line joins the bureau account of its lender, else one of the same amount.

    ``accounts`` come with the instalment to use. Where both give an amount the larger counts.
    """
    found = [FoundDebt(account.lender or account.number, monthly, (), True) for account, monthly in accounts]
    for obligation in sorted(seen, key=lambda each: (each.lender is None, -each.monthly, each.payee)):
        index = _matching(found, obligation)
        text = obligation.entries[0].text
        if index is None:
            found.append(FoundDebt(text, obligation.monthly, obligation.entries))
        else:
            debt = found[index]
            found[index] = replace(debt, monthly=max(debt.monthly, obligation.monthly), entries=obligation.entries)
    return tuple(found)


def _matching(found: Sequence[FoundDebt], obligation: Obligation) -> int | None:
    free = [index for index, debt in enumerate(found) if debt.at_bureau and not debt.entries]
    text = obligation.entries[0].text
    named = [index for index in free if obligation.lender == found[index].label or names(text, found[index].label)]
    close = [index for index in free if _close(found[index].monthly, obligation.monthly)]
    both = [index for index in named if index in close]
    return next(iter([*both, *named, *close]), None)


def _close(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(max(one, other) * SAME_PCT / 100, LEAST)


def undisclosed(found: Sequence[FoundDebt], stated: Decimal, tolerance_pct: Decimal) -> Undisclosed:
    """The debts that the stated monthly total does not account for.

    The stated total may be off by ``tolerance_pct``. Where some of the debts add up to it, the others are undisclosed;
    else, if the debts exceed it, their total less the stated one is.
    """
    total = sum((debt.monthly for debt in found), Decimal(0))
    allowed = stated * tolerance_pct / 100
    if total - stated <= max(allowed, LEAST):
        return Undisclosed(Decimal("0.00"), ())
    explained = _adding_up_to(found, stated, allowed)
    if explained is None:
        return Undisclosed(total - stated, ())
    rest = tuple(debt for index, debt in enumerate(found) if index not in explained)
    return Undisclosed(sum((debt.monthly for debt in rest), Decimal(0)), rest)


def _adding_up_to(found: Sequence[FoundDebt], stated: Decimal, allowed: Decimal) -> frozenset[int] | None:
    """Positions of the debts whose sum comes nearest to ``stated``; the bureau's first among equals."""
    if len(found) > _MOST_SEARCHED:
        return None
    best: tuple[Decimal, int, tuple[int, ...]] | None = None
    for size in range(len(found) + 1):
        for chosen in combinations(range(len(found)), size):
            away = abs(sum((found[index].monthly for index in chosen), Decimal(0)) - stated)
            if away <= allowed:
                candidate = (away, -sum(found[index].at_bureau for index in chosen), chosen)
                best = candidate if best is None else min(best, candidate)
    return frozenset(best[2]) if best else None
