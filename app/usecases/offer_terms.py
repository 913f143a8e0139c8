"""Lay out what could be offered to a case: every amount by every term, priced and held to the policy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.domain.derivation import by_name
from app.domain.offers import OfferGrid, offer_grid
from app.domain.policy import Policy
from app.domain.policy_program import ProgramEngine
from app.errors import InputError
from app.ports import PolicyEngine, Workspace
from app.usecases.assess_policy import policy_check

MOST_CELLS = 2_000


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """Which case, and the amounts and terms of the grid; without them they are laid around the request."""

    case_id: str
    amounts: tuple[Decimal, ...] = ()
    terms: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Offers:
    """The grid with the policy that it was held to."""

    case_id: str
    policy: str
    version: str
    grid: OfferGrid
    seconds: float

    def to_json(self) -> dict[str, Any]:
        head = {"case": self.case_id, "policy": self.policy, "version": self.version}
        return {**head, **self.grid.to_json(), "seconds": round(self.seconds, 3)}


def offer_terms(
    cmd: OfferTerms, workspace: Workspace, engine: PolicyEngine, *, policy: Policy, language: str | None = None
) -> Offers:
    """The grid of an assessed case; nothing is stored. Reasons are worded in ``language``, else in the case's own.

    Raises ``InputError`` for a case there is not or that has no score, senseless amounts or terms, or more than
    ``MOST_CELLS`` cells.
    """
    _require_sense(cmd.amounts, cmd.terms)
    with workspace.read() as stores:
        case = stores.cases.get(cmd.case_id)
        score = stores.scores.get(case.id)
        facts = by_name(stores.facts.current(case.id), workspace.catalogue)
    if score is None:
        raise InputError("case", f"{case.id} has not been assessed.", remedy="Score it first.")
    started = time.perf_counter()
    worded = replace(case, language=language or case.language)
    check = policy_check(facts, worded, score, policy, ProgramEngine(engine))
    grid = offer_grid(check, score.pd, cmd.amounts, cmd.terms)
    return Offers(case.id, policy.name, policy.version, grid, time.perf_counter() - started)


def _require_sense(amounts: Sequence[Decimal], terms: Sequence[int]) -> None:
    for amount in amounts:
        if not amount.is_finite() or not 0 < amount < 10**12 or amount != amount.quantize(Decimal("0.01")):
            raise InputError("amount", f"{amount} is no amount of a loan.", remedy="Give one such as 12000.00.")
    for term in terms:
        if not 1 <= term <= 480:
            raise InputError("term", f"{term} months is no term of a loan.", remedy="Give 1 to 480 months.")
    if max(len(amounts), 1) * max(len(terms), 1) > MOST_CELLS:
        raise InputError("amount", f"That is more than {MOST_CELLS:,} cells.", remedy="Give fewer amounts or terms.")
