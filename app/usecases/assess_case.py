"""Bring a case up to date: source facts, derived facts, score, policy, findings, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from app.domain.case import Case, Status
from app.domain.changes import Changes
from app.domain.derivation import Derivation
from app.domain.derive import Assumptions, Observations
from app.domain.facts import Catalogue
from app.domain.find import Findable, find
from app.domain.findings import Finding
from app.domain.money import to_cents
from app.domain.policy import Policy, PolicyResult
from app.domain.policy_check import Answer, PolicyCheck, Prices
from app.domain.policy_program import ProgramEngine
from app.domain.policy_tables import LIMIT, UPLIFT, PolicyReading
from app.domain.score import Score, score_bins
from app.domain.scorecard import Scorecard
from app.domain.shadow import Shadow
from app.ports import Clock, PolicyEngine, Progress, Stores, Workspace, no_progress
from app.usecases.assess_policy import assumptions_of, policy_check, policy_result
from app.usecases.derive_facts import derive_facts

BATCH = 200
"""Cases a transaction: large enough for the buffered inserts, small enough to cancel in time."""

SYSTEM = "caseworth"


class Assessor:
    """What stays the same from case to case: scorecard, policy, engine, catalogue."""

    def __init__(self, catalogue: Catalogue, engine: PolicyEngine, scorecard: Scorecard, policy: Policy) -> None:
        self.catalogue = catalogue
        self.engine = engine
        self.scorecard = scorecard
        self.policy = policy
        self.reading = PolicyReading(policy)
        self._quick = ProgramEngine(engine)
        self._prices: Prices = {}
        self._assumptions: dict[str, Assumptions] = {}

    def assumptions(self, currency: str) -> Assumptions:
        """What the policy's terms table lets be assumed in that currency."""
        if currency not in self._assumptions:
            self._assumptions[currency] = assumptions_of(self.policy, self.engine, currency)
        return self._assumptions[currency]

    def keep_rules(self, stores: Stores) -> None:
        """Keep the scorecard and the policy that the cases are judged by, as they are now."""
        stores.scores.keep_scorecard(self.scorecard.sha256, self.scorecard.document)
        stores.policies.keep_policy(self.policy.sha256, self.policy.document)

    def assess(
        self, cases: Iterable[Case], stores: Stores, step: Callable[[], None] = lambda: None
    ) -> Iterator[Assessment]:
        """Work out everything that follows from the cases' source facts; stores nothing.

        The cases are scored in one statement. ``step`` is called between the cases until then, and may raise.
        """
        derived = []
        for case in cases:
            step()
            derived.append((case, *derive_facts(case, stores, self.catalogue, self.assumptions(case.currency))))
        names = self.scorecard.names
        values = [{name: facts.value(name) for name in names} for _, facts, _ in derived]
        for (case, facts, observations), bins in zip(derived, stores.scores.bins(self.scorecard, values), strict=True):
            yield self._judged(case, facts, observations, bins, stores.challengers.get(case.id))

    def _judged(
        self, case: Case, facts: Derivation, observations: Observations, bins: Sequence[int], shadow: Shadow | None
    ) -> Assessment:
        score = self._score(facts, bins)
        check = policy_check(
            facts.facts,
            case,
            score,
            self.policy,
            self.engine,
            reading=self.reading,
            prices=self._prices,
            quick=self._quick,
        )
        answer = check.at(check.requested())
        _put_loan(facts, check, answer)
        result = policy_result(check, answer, facts.facts)
        _put_offer(facts, check, result)
        _put_benchmark(facts)
        found = find(
            Findable(facts.facts, observations, result, score, self.assumptions(case.currency), self.catalogue, shadow)
        )
        return Assessment(case, facts, observations, score, result, found)

    def _score(self, facts: Derivation, bins: Sequence[int]) -> Score:
        used = tuple(name for name in self.scorecard.names if name in facts)
        score = score_bins(self.scorecard, bins, {name: facts[name].id for name in used})
        method = f"scorecard:{score.scorecard} {score.version}"
        facts.put_reference("score.points", score.points, method, used)
        facts.put_reference("score.pd_pct", to_cents(score.pd * 100), f"{method}: calibration", ("score.points",))
        facts.put_reference("score.grade", score.grade, f"{method}: grades", ("score.points",))
        return score


@dataclass(frozen=True, slots=True)
class Assessment:
    """What follows from a case's source facts, not yet stored."""

    case: Case
    facts: Derivation
    observations: Observations
    score: Score
    policy: PolicyResult
    findings: tuple[Finding, ...]

    def store(self, stores: Stores) -> Changes:
        """Write what differs from what is stored, and say what changed."""
        changes = Changes.NOTHING
        case_id = self.case.id
        if self.facts.new or self.facts.stale:
            stores.facts.retire(case_id, self.facts.stale)
            stores.facts.add(self.facts.new)
            changes |= Changes.FACTS
        if stores.scores.get(case_id) != self.score:
            stores.scores.put(case_id, self.score)
            changes |= Changes.SCORE | Changes.CASES
        if stores.policies.get(case_id) != self.policy:
            stores.policies.put(case_id, self.policy)
            changes |= Changes.POLICY | Changes.CASES
        if tuple(stores.findings.of_case(case_id)) != self.findings:
            stores.findings.replace(case_id, self.findings)
            changes |= Changes.FINDINGS
        if self.case.status is Status.NEW:
            stores.cases.set_status(case_id, Status.SCORED)
            changes |= Changes.CASES
        if changes:
            stores.events.append(SYSTEM, case_id, "case.assessed", self._detail())
        return changes

    def _detail(self) -> dict[str, object]:
        return {
            "scorecard": self.score.sha256,
            "points": self.score.points,
            "policy": self.policy.sha256,
            "outcome": self.policy.outcome,
            "findings": len(self.findings),
        }


def assess_case(
    case_id: str,
    workspace: Workspace,
    engine: PolicyEngine,
    *,
    scorecard: Scorecard,
    policy: Policy,
    clock: Clock | None = None,
) -> Changes:
    """Assess one case in one transaction; a second run over the same facts changes nothing.

    Raises ``InputError`` for a case there is not, or a policy that cannot be evaluated. A decided case is left as it
    was judged, unless it was referred.
    """
    assessor = Assessor(workspace.catalogue, engine, scorecard, policy)
    with workspace.transaction() as stores:
        case = stores.cases.get(case_id)
        if closed(case, stores):
            return Changes.NOTHING
        assessor.keep_rules(stores)
        (result,) = assessor.assess([case], stores)
        return result.store(stores)


def closed(case: Case, stores: Stores) -> bool:
    """Whether the case was decided for good, so that its record must stand as it was judged."""
    if case.status not in (Status.DECIDED, Status.SIGNED):
        return False
    decision = stores.decisions.get(case.id)
    return decision is None or decision.outcome.value != "refer"


def assess_cases(
    ids: Iterable[str],
    workspace: Workspace,
    engine: PolicyEngine,
    *,
    scorecard: Scorecard,
    policy: Policy,
    clock: Clock | None = None,
    progress: Progress = no_progress,
) -> Changes:
    """Assess many cases, a transaction per ``BATCH``; those decided for good are left as they were judged.

    ``progress`` raises ``Cancelled`` when the person has cancelled; the batches before stay, the one under way is
    rolled back.
    """
    assessor = Assessor(workspace.catalogue, engine, scorecard, policy)
    total = len(ids) if isinstance(ids, Sized) else None
    done, changes = 0, Changes.NOTHING
    for batch in _batches(ids):
        with workspace.transaction() as stores:
            cases = [stores.cases.get(case_id) for case_id in batch]
            wanted = [case for case in cases if not closed(case, stores)]
            done += len(cases) - len(wanted)
            results = []
            for result in assessor.assess(wanted, stores, partial(progress, done, total, "assess")):
                results.append(result)
                done += 1
                progress(done, total, "assess")
            if results:
                assessor.keep_rules(stores)
            for result in results:
                changes |= result.store(stores)
    return changes


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(ids)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _put_loan(facts: Derivation, check: PolicyCheck, answer: Answer) -> None:
    """Price, instalment, affordability and limits as facts with their inputs."""
    household: tuple[str, ...] = ("income.net_monthly", "debt.instalments_monthly")
    if answer.rate_pct is not None:
        facts.put_reference("loan.rate_pct", answer.rate_pct, f"policy:pricing {answer.price_clause}", ("score.grade",))
    if answer.instalment is not None:
        terms = ("request.amount", "loan.rate_pct", "request.term_months")
        facts.put_money("loan.instalment", answer.instalment, "annuity", terms)
    if answer.dsr_before_pct is not None:
        method = "100 * debt.instalments_monthly / income.net_monthly"
        facts.put("ratio.dsr_before_pct", answer.dsr_before_pct, "percent", method, household)
    if answer.dsr_after_pct is not None:
        method = "100 * (debt.instalments_monthly + loan.instalment) / income.net_monthly"
        facts.put("ratio.dsr_after_pct", answer.dsr_after_pct, "percent", method, (*household, "loan.instalment"))
    if answer.disposable_after is not None:
        method = "income - larger of living expenses and rent seen - instalments - loan.instalment"
        living = tuple(name for name in ("expenses.monthly_living", "expenses.rent_seen") if name in facts)
        used = (*household, *living, "loan.instalment")
        facts.put_money("ratio.disposable_after", answer.disposable_after, method, used)
    _put_limits(facts, answer, check.reading)


def _put_limits(facts: Derivation, answer: Answer, reading: PolicyReading) -> None:
    limit = answer.limit
    if limit is None:
        return
    used = tuple(name for name in ("score.grade", "income.net_monthly") if name in facts)
    if limit.dsr_pct is not None:
        facts.put_reference("limit.dsr_pct", limit.dsr_pct, f"policy:{limit.clause}", used)
    if limit.amount is not None:
        moved = (UPLIFT,) if UPLIFT in facts and UPLIFT in reading.limited_by else ()
        facts.put_reference(LIMIT, limit.amount, f"policy:{limit.clause}", (*used, *moved))


def _put_offer(facts: Derivation, check: PolicyCheck, result: PolicyResult) -> None:
    """The smaller amount that fits, where the requested one does not."""
    requested = check.requested()
    if result.fits is None or requested is None or check.at(requested).fits or result.fits.amount >= requested.amount:
        return
    terms = replace(requested, amount=result.fits.amount)
    share = check.at(terms).dsr_after_pct
    inputs = ("limit.dsr_pct", "income.net_monthly", "debt.instalments_monthly", "loan.rate_pct", "request.term_months")
    used = tuple(name for name in inputs if name in facts)
    method = f"largest amount that fits policy {result.policy} {result.version}"
    facts.put("offer.amount", result.fits.amount, facts.currency, method, used)
    if share is not None:
        household = ("debt.instalments_monthly", "income.net_monthly")
        facts.put(
            "offer.dsr_pct", share, "percent", "instalments to income at that amount", ("offer.amount", *household)
        )


def _put_benchmark(facts: Derivation) -> None:
    name = "history.enquiries_3m"
    benchmark = facts.catalogue[name].benchmark
    if name in facts and benchmark is not None:
        facts.put_reference("benchmark.enquiries_3m", int(benchmark), f"catalogue:{name}.benchmark")
