"""What another version of a policy would have said of past cases, against the one in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.affordability import gap_pct
from app.domain.derive import Assumptions
from app.domain.facts import FactValue
from app.domain.money import to_cents
from app.domain.policy import OUTCOMES
from app.domain.pricing import expected_loss
from app.domain.ratios import INCOME_SOURCES, INCOME_USED

ROW_SOURCES = (
    *INCOME_SOURCES,
    "debt.instalments_stated",
    "debt.instalments_bureau",
    "debt.instalments_seen",
    "debt.outstanding",
)
"""Facts of a table's row from which its computed facts follow."""

_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class PastCase:
    """A scored case as far as a policy reads it."""

    id: str
    currency: str
    points: int
    grade: str
    pd: Decimal  # fraction of one
    row: Mapping[str, FactValue | None] | None  # values of a table's row; None for a case with facts of its own
    bad: bool | None  # the outcome observed since; None while unknown
    received_on: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The days of receipt, both included; None leaves that side open. A case without a day is in the open one only."""

    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def to_json(self) -> dict[str, str | None]:
        return {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
        }


ALWAYS = Period()


def row_values(row: Mapping[str, FactValue | None], assumptions: Assumptions) -> dict[str, FactValue | None]:
    """A row's values with what follows from them without documents: the same as ``domain.derive`` gives."""
    values = dict(row)
    used = next((row[name] for name in INCOME_SOURCES if row.get(name) is not None), None)
    if used is not None:
        values[INCOME_USED] = used
    proof = next((row[name] for name in INCOME_SOURCES[:2] if row.get(name) is not None), None)
    stated = row.get("income.net_monthly_stated")
    if isinstance(proof, Decimal) and isinstance(stated, Decimal):
        gap = gap_pct(stated, proof)
        values |= {} if gap is None else {"income.gap_pct": gap}
    return values | _debts(row, assumptions)


def _debts(row: Mapping[str, FactValue | None], assumptions: Assumptions) -> dict[str, FactValue | None]:
    stated, outstanding = row.get("debt.instalments_stated"), row.get("debt.outstanding")
    found = any(row.get(name) is not None for name in ("debt.instalments_bureau", "debt.instalments_seen"))
    out: dict[str, FactValue | None] = {}
    if isinstance(stated, Decimal) or found:
        out["debt.instalments_monthly"] = max(stated, _ZERO) if isinstance(stated, Decimal) else _ZERO
    elif isinstance(outstanding, Decimal):
        out["debt.instalments_monthly"] = to_cents(outstanding * assumptions.debt_instalment_pct / 100)
    if found and (isinstance(stated, Decimal) or outstanding == 0):
        out["debt.undisclosed_instalment"] = _ZERO
    return out


@dataclass
class Tally:
    """What a version says of all cases; money by currency."""

    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    observed: int = 0  # approved cases with a known outcome
    bad: int = 0  # those of them that went bad
    amounts: dict[str, Decimal] = field(default_factory=dict)  # approved
    losses: dict[str, Decimal] = field(default_factory=dict)  # PD x LGD x amount, approved

    def add(self, outcome: str, case: PastCase, amount: Decimal | None, lgd_pct: Decimal) -> None:
        self.outcomes[outcome] += 1
        if outcome != "approve":
            return
        if case.bad is not None:
            self.observed += 1
            self.bad += case.bad
        if amount is not None:
            self.amounts[case.currency] = self.amounts.get(case.currency, _ZERO) + amount
            loss = expected_loss(case.pd, lgd_pct, amount)
            self.losses[case.currency] = self.losses.get(case.currency, _ZERO) + loss

    def to_json(self) -> dict[str, Any]:
        count = sum(self.outcomes.values())
        return {
            "approvals": self.outcomes["approve"],
            "referrals": self.outcomes["refer"],
            "declines": self.outcomes["decline"],
            "approval_rate": _share(self.outcomes["approve"], count),
            "observed": self.observed,
            "bad": self.bad,
            "bad_rate": _share(self.bad, self.observed),
            "amount_approved": {code: format(each, "f") for code, each in sorted(self.amounts.items())},
            "expected_loss": {code: format(each, "f") for code, each in sorted(self.losses.items())},
        }


def _share(part: int, whole: int) -> str | None:
    """A share of one at six decimals; None of nothing."""
    return format((Decimal(part) / whole).quantize(Decimal("0.000001")), "f") if whole else None


@dataclass
class Simulation:
    """A version against the one in force, over the scored cases of a workspace."""

    policy: str
    version: str
    sha256: str
    active_version: str
    active_sha256: str
    lgd_pct: Decimal
    lgd_assumed: bool  # the policy gives none, so all of the exposure counts as lost
    active: Tally = field(default_factory=Tally)
    candidate: Tally = field(default_factory=Tally)
    moved: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # (before, after) -> case ids
    cases: int = 0
    unscored: int = 0  # cases without a score, which are left out
    verified: int = 0  # cases put before the engine too, with the same answer
    seconds: float = 0.0
    period: Period = ALWAYS

    def add(self, case: PastCase, amount: Decimal | None, before: str, after: str) -> None:
        self.cases += 1
        self.active.add(before, case, amount, self.lgd_pct)
        self.candidate.add(after, case, amount, self.lgd_pct)
        if before != after:
            self.moved.setdefault((before, after), []).append(case.id)

    def to_json(self) -> dict[str, Any]:
        moves = sorted(self.moved.items(), key=lambda each: tuple(map(OUTCOMES.index, each[0])))
        return {
            "policy": self.policy,
            "version": self.version,
            "sha256": self.sha256,
            "against": {"version": self.active_version, "sha256": self.active_sha256},
            "period": self.period.to_json(),
            "cases": self.cases,
            "unscored": self.unscored,
            "lgd_pct": format(self.lgd_pct, "f"),
            "lgd_assumed": self.lgd_assumed,
            "active": self.active.to_json(),
            "candidate": self.candidate.to_json(),
            "changes": [
                {"from": before, "to": after, "count": len(ids), "cases": ids} for (before, after), ids in moves
            ],
            "verified": self.verified,
            "seconds": round(self.seconds, 3),
            "cases_per_second": round(self.cases / self.seconds) if self.seconds else None,
        }
