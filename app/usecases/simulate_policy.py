"""Put a version of a policy before the past cases of the workspace, beside the one in force."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal

from app.domain.derivation import FOLLOWS
from app.domain.derive import Assumptions
from app.domain.facts import FactValue
from app.domain.money import to_cents
from app.domain.policy import Policy, strictest
from app.domain.policy_check import PolicyCheck, clause_results
from app.domain.policy_judge import Judge
from app.domain.policy_tables import PATHS, TERMS, UPLIFT, nested, number, tables
from app.domain.simulation import ALWAYS, ROW_SOURCES, PastCase, Period, Simulation, row_values
from app.errors import WorkbenchError
from app.ports import PolicyEngine, Progress, Stores, Workspace, no_progress
from app.usecases.assess_policy import VERIFIED, assumptions_of, comparable
from app.usecases.derive_facts import derive_facts

WHOLE = Decimal(100)
_REPORT_EVERY = 100  # cases
_VERIFIED_EVERY = 997  # one case of so many is put before the engine too, and the first few that change side
_MOST_VERIFIED = 40


class Bench:
    """One version with its engine and what it lets the computations assume."""

    def __init__(self, policy: Policy, engine: PolicyEngine) -> None:
        self.policy = policy
        self.engine = engine
        self.judge = Judge(policy, engine.evaluate)
        self.names = self.judge.reading.inputs
        self._assumptions: dict[str, Assumptions] = {}

    def terms(self, currency: str) -> Mapping[str, object]:
        answer = self.engine.evaluate(self.policy.document, nested({"case.currency": currency}))
        return answer.get(PATHS[TERMS]) or {}

    def assumptions(self, currency: str) -> Assumptions:
        if currency not in self._assumptions:
            self._assumptions[currency] = assumptions_of(self.policy, self.engine, currency)
        return self._assumptions[currency]


def simulate_policy(
    candidate: Policy,
    active: Policy,
    workspace: Workspace,
    engine: PolicyEngine,
    *,
    lgd_pct: Decimal | None = None,
    period: Period = ALWAYS,
    progress: Progress = no_progress,
) -> Simulation:
    """What the candidate says of every scored case of the period, against the one in force, in one consistent reading.

    Nothing is stored. ``lgd_pct`` is the loss given default; else the candidate's own, else all of the exposure.
    ``progress`` raises ``Cancelled`` when the person has cancelled. Raises ``InputError`` for a policy that cannot be
    evaluated.
    """
    benches = Bench(active, engine), Bench(candidate, engine)
    own = _lgd(benches[1], lgd_pct)
    found = Simulation(
        policy=candidate.name,
        version=candidate.version,
        sha256=candidate.sha256,
        active_version=active.version,
        active_sha256=active.sha256,
        lgd_pct=WHOLE if own is None else own,
        lgd_assumed=own is None,
        period=period,
    )
    started = time.perf_counter()
    with workspace.read() as stores:
        total, found.unscored = stores.past_cases.count(period)
        progress(0, total, "simulate")
        names = {*benches[0].names, *benches[1].names, *ROW_SOURCES, *VERIFIED}
        for batch in stores.past_cases.batches(names, period):
            for case in batch:
                _put(case, benches, found, stores, workspace)
                if found.cases % _REPORT_EVERY == 0:
                    progress(found.cases, total, "simulate")
        progress(found.cases, total, "simulate")
    found.seconds = time.perf_counter() - started
    return found


def _lgd(bench: Bench, given: Decimal | None) -> Decimal | None:
    if given is not None:
        return given
    currencies = ("EUR", *(value for value in _currencies(bench.policy) if value != "EUR"))
    own = (number(bench.terms(currency), "lgd_pct") for currency in currencies)
    return next((each for each in own if each is not None), None)


def _currencies(policy: Policy) -> list[str]:
    terms = next((table for table in tables(policy.document) if table.name == TERMS), None)
    rows = terms.rows if terms else ()
    cells = ",".join(row.conditions.get("case.currency", "") for row in rows)
    return [part.strip(" '\"") for part in cells.split(",") if part.strip(" '\"")]


def _put(case: PastCase, benches: tuple[Bench, Bench], found: Simulation, stores: Stores, workspace: Workspace) -> None:
    values = [_values(case, benches[0], stores, workspace)]
    values.append(values[0] if _alike(benches, case.currency) else _values(case, benches[1], stores, workspace))
    before, after = (
        bench.judge.judge(given, case.currency, case.received_on).outcome
        for bench, given in zip(benches, values, strict=True)
    )
    amount = values[0].get("request.amount")
    found.add(case, amount if isinstance(amount, Decimal) else None, before, after)
    if found.cases % _VERIFIED_EVERY == 1 or (before != after and found.verified < _MOST_VERIFIED):
        for bench, given, outcome in zip(benches, values, (before, after), strict=True):
            _verify(case, bench, given, outcome)
        found.verified += 1


def _alike(benches: tuple[Bench, Bench], currency: str) -> bool:
    """Whether the same values come out for both: they read the same facts and assume the same."""
    one, other = benches
    return one.assumptions(currency) == other.assumptions(currency) and one.names == other.names


def _values(case: PastCase, bench: Bench, stores: Stores, workspace: Workspace) -> dict[str, FactValue | None]:
    """The case's values as ``assess_policy.policy_check`` takes them."""
    assumptions = bench.assumptions(case.currency)
    if case.row is not None:
        known = row_values(case.row, assumptions)
    else:
        facts, _ = derive_facts(stores.cases.get(case.id), stores, workspace.catalogue, assumptions)
        known = {name: fact.value for name, fact in facts.facts.items() if comparable(fact, case.currency)}
    read = (name for name in known if name in bench.names and not name.startswith(FOLLOWS))
    values: dict[str, FactValue | None] = {name: known[name] for name in read if known[name] is not None}
    if known.get(UPLIFT) is not None:
        values[UPLIFT] = known[UPLIFT]
    values["case.income_verified"] = any(known.get(name) is not None for name in VERIFIED)
    values |= {"score.points": case.points, "score.grade": case.grade, "score.pd_pct": to_cents(case.pd * 100)}
    return values


def _verify(case: PastCase, bench: Bench, values: Mapping[str, FactValue | None], outcome: str) -> None:
    """Hold the quick answer against the engine's."""
    reading = bench.judge.reading
    check = PolicyCheck(
        bench.policy,
        reading,
        bench.engine.evaluate,
        values,
        currency=case.currency,
        language="en",
        applied_on=case.received_on,
    )
    judged = strictest(clause_results(check.at(check.requested()).hits, {}))
    if judged != outcome:
        version = bench.policy.version
        raise WorkbenchError(
            f"The simulation says {outcome} of {case.id} under policy {version}, the engine says {judged}.",
            remedy="This is a fault of the program; please report it with the policy file. Nothing was stored.",
        )
