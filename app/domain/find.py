"""Findings: rules that turn a case's facts, policy clauses and score into statements with a stance.

``docs/facts.md`` lists the codes. A fact of a prohibited basis never enters a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.domain.derive import Assumptions, Observations
from app.domain.facts import Catalogue, Fact, Stance
from app.domain.findings import Finding, Materiality
from app.domain.policy import PolicyResult
from app.domain.score import Score
from app.domain.shadow import Disagreement, Shadow

ADVERSE, FAVOURABLE, NEUTRAL = Stance.ADVERSE, Stance.FAVOURABLE, Stance.NEUTRAL
MINOR, NOTABLE, MAJOR = Materiality.MINOR, Materiality.NOTABLE, Materiality.MAJOR

THIN_ACCOUNTS = 2  # fewer accounts at the bureau, or
THIN_MONTHS = 12  # none older than this, is a thin file
LONG_YEARS = Decimal(5)  # in employment
SHORT_YEARS = Decimal(1)
IRREGULAR_PCT = Decimal(20)  # variation of the salary beyond which it is irregular
LOW_RESERVE_MONTHS = Decimal(1)  # a balance that pays less of essential spending and instalments is a small reserve
HIGH_OVER_BENCHMARK = 1  # enquiries above the benchmark by more than this are high
FAVOURABLE_GRADES = ("A", "B")
ADVERSE_GRADES = ("D", "E", "F", "G")


@dataclass(frozen=True, slots=True)
class Findable:
    """Everything the rules look at."""

    facts: Mapping[str, Fact]  # the fact to use of each name
    observations: Observations
    policy: PolicyResult
    score: Score | None
    assumptions: Assumptions
    catalogue: Catalogue
    shadow: Shadow | None = None  # what a challenger said of the case

    def number(self, name: str) -> Decimal | None:
        """A fact's number; None when it is missing."""
        fact = self.facts.get(name)
        return Decimal(fact.value) if fact is not None and isinstance(fact.value, Decimal | int) else None

    def ids(self, *names: str) -> tuple[str, ...]:
        """Ids of the named facts, as far as the case has them."""
        return tuple(self.facts[name].id for name in names if name in self.facts)


Rule = Callable[[Findable], Iterator[Finding]]


def find(case: Findable) -> tuple[Finding, ...]:
    """All findings, in report order; ids are unique and the same facts give the same findings."""
    prohibited = {fact.id for fact in case.facts.values() if case.catalogue.prohibited(fact.name)}
    found = {finding.id: finding for rule in RULES for finding in rule(case) if prohibited.isdisjoint(finding.facts)}
    return tuple(found.values())


def _finding(
    code: str,
    section: str,
    stance: Stance,
    materiality: Materiality,
    facts: tuple[str, ...],
    *,
    relation: str = "is",
    clause: str | None = None,
    detail: str = "",
    about: str = "",
) -> Finding:
    name = f"{code}:{about}" if about else code
    return Finding(name, code, section, stance, materiality, facts, clause, relation, detail)


def _request(case: Findable) -> Iterator[Finding]:
    names = ("request.amount", "request.term_months", "loan.rate_pct", "loan.instalment")
    if "request.amount" in case.facts:
        yield _finding("request.terms", "request", NEUTRAL, NOTABLE, case.ids(*names))
    work = case.ids("employment.type", "employment.seniority_years")
    if len(work) > 1:
        yield _finding("request.applicant", "request", NEUTRAL, MINOR, work)


def _income(case: Findable) -> Iterator[Finding]:
    proof = next((n for n in ("income.net_monthly_documented", "income.net_monthly_banked") if n in case.facts), None)
    stated, gap = "income.net_monthly_stated", case.number("income.gap_pct")
    if proof is None and stated in case.facts:
        yield _finding("income.unverified", "capacity", ADVERSE, NOTABLE, case.ids(stated), relation="absent")
    elif gap is not None and proof is not None:
        ids = case.ids(proof, stated)
        if abs(gap) > case.assumptions.tolerance_pct:
            stance, weight = (ADVERSE, MAJOR) if gap > 0 else (NEUTRAL, NOTABLE)
            ids += case.ids("income.gap_pct")
            yield _finding("income.contradiction", "capacity", stance, weight, ids, relation="contradicts")
        else:
            yield _finding("income.documented", "capacity", FAVOURABLE, NOTABLE, ids, relation="equals")


def _salary(case: Findable) -> Iterator[Finding]:
    seen, covered = case.number("income.salary_months_seen"), case.number("income.months_covered")
    if seen is None or covered is None:
        return
    varies = case.number("income.variation_pct") or Decimal(0)
    regular = seen >= covered and seen >= 2 and varies <= IRREGULAR_PCT
    if not regular and seen == covered == 1:
        return  # one month says nothing of regularity
    ids = case.ids("income.salary_months_seen", "income.months_covered")
    if regular:
        yield _finding("income.regular", "capacity", FAVOURABLE, NOTABLE, ids)
    else:
        detail = "" if seen < covered else "variation"
        yield _finding("income.irregular", "capacity", ADVERSE, NOTABLE, ids, detail=detail)


def _affordability(case: Findable) -> Iterator[Finding]:
    after, limit = case.number("ratio.dsr_after_pct"), case.number("limit.dsr_pct")
    if after is not None and limit is not None:
        ids = case.ids("ratio.dsr_after_pct", "limit.dsr_pct")
        clause = _clause_on(case, "ratio.dsr_after_pct")
        if after > limit:
            code = "affordability.exceeds_limit"
            yield _finding(code, "capacity", ADVERSE, MAJOR, ids, relation="exceeds", clause=clause)
        else:
            code = "affordability.within_limit"
            yield _finding(code, "capacity", FAVOURABLE, NOTABLE, ids, relation="below", clause=clause)
    if "ratio.dsr_before_pct" in case.facts:
        yield _finding("affordability.before", "capacity", NEUTRAL, MINOR, case.ids("ratio.dsr_before_pct"))
    left = case.number("ratio.disposable_after")
    if left is not None:
        stance, weight = (FAVOURABLE, MINOR) if left >= 0 else (ADVERSE, MAJOR)
        clause = _clause_on(case, "ratio.disposable_after")
        ids = case.ids("ratio.disposable_after")
        yield _finding("affordability.disposable", "capacity", stance, weight, ids, clause=clause)


def _clause_on(case: Findable, name: str) -> str | None:
    """The strictest clause of the affordability table that read the fact."""
    ids = set(case.ids(name))
    clauses = [each for each in case.policy.clauses if each.table == "affordability" and ids & set(each.facts)]
    return clauses[0].clause if clauses else None


def _undisclosed(case: Findable) -> Iterator[Finding]:
    amount = case.number("debt.undisclosed_instalment")
    if amount is not None and amount > 0:
        beyond = case.observations.undisclosed
        ids = case.ids("debt.undisclosed_instalment")
        yield _finding("debt.undisclosed", "capacity", ADVERSE, MAJOR, ids, detail=beyond.detail if beyond else "")


def _conduct(case: Findable) -> Iterator[Finding]:
    overdrawn = case.number("cashflow.overdraft_days")
    if overdrawn is not None:
        ids = case.ids("cashflow.overdraft_days")
        if overdrawn > 0:
            weight = NOTABLE if overdrawn > 5 else MINOR
            yield _finding("cashflow.overdrawn", "capacity", ADVERSE, weight, ids)
        else:
            yield _finding("cashflow.never_overdrawn", "capacity", FAVOURABLE, MINOR, ids)
    returned = case.number("cashflow.returned_items")
    if returned is not None:
        stance, weight = (ADVERSE, NOTABLE) if returned else (FAVOURABLE, MINOR)
        yield _finding("cashflow.returned", "capacity", stance, weight, case.ids("cashflow.returned_items"))
    if (case.number("cashflow.gambling_monthly") or 0) > 0:
        yield _finding("cashflow.gambling", "capacity", ADVERSE, NOTABLE, case.ids("cashflow.gambling_monthly"))


def _reserve(case: Findable) -> Iterator[Finding]:
    months = case.number("cashflow.reserve_months")
    if months is not None and months < LOW_RESERVE_MONTHS:
        yield _finding("cashflow.reserve_low", "capacity", ADVERSE, MINOR, case.ids("cashflow.reserve_months"))


def _documents(case: Findable) -> Iterator[Finding]:
    seen = case.observations
    for document, entries in seen.broken:
        detail = f"{document}: {entries}"
        yield _finding("cashflow.balances_broken", "capacity", ADVERSE, NOTABLE, (), detail=detail, about=document[:12])
    if seen.gaps:
        detail = "; ".join(seen.gaps)
        yield _finding("cashflow.statement_gap", "capacity", NEUTRAL, NOTABLE, (), relation="absent", detail=detail)
    if seen.other_currencies:
        detail = "; ".join(seen.other_currencies)
        yield _finding("cashflow.other_currency", "capacity", NEUTRAL, NOTABLE, (), relation="absent", detail=detail)
    if seen.problems:
        detail = "; ".join(seen.problems)
        yield _finding("history.unreadable", "history", NEUTRAL, NOTABLE, (), relation="absent", detail=detail)


def _papers(case: Findable) -> Iterator[Finding]:
    """What the case's documents say of one another, and readings that nobody is sure of."""
    for sign in case.observations.signs:
        relation = "contradicts" if sign.code.endswith("differ") else "is"
        materiality, about = sign.materiality, sign.about
        yield _finding(
            sign.code, "documents", ADVERSE, materiality, sign.facts, relation=relation, detail=sign.detail, about=about
        )


def _enquiries(case: Findable) -> Iterator[Finding]:
    made, usual = case.number("history.enquiries_3m"), case.number("benchmark.enquiries_3m")
    if made is None or usual is None:
        return
    ids = case.ids("history.enquiries_3m", "benchmark.enquiries_3m")
    if made > usual + HIGH_OVER_BENCHMARK:
        yield _finding("history.enquiries_high", "history", ADVERSE, NOTABLE, ids, relation="exceeds")
    else:
        yield _finding("history.enquiries_usual", "history", NEUTRAL, MINOR, ids)


def _history(case: Findable) -> Iterator[Finding]:
    accounts, oldest = case.number("history.accounts"), case.number("history.oldest_account_months")
    worst, late = case.number("history.worst_days_past_due_12m"), case.number("history.delinquent_accounts")
    if accounts is None:
        yield _finding("history.absent", "history", NEUTRAL, MINOR, (), relation="absent")
    elif (worst or 0) > 0 or (late or 0) > 0:
        weight = MAJOR if (worst or 0) >= 30 or (late or 0) > 0 else NOTABLE
        ids = case.ids("history.worst_days_past_due_12m", "history.delinquent_accounts")
        yield _finding("history.delinquent", "history", ADVERSE, weight, ids)
    elif accounts > 0:
        ids = case.ids("history.worst_days_past_due_12m", "history.oldest_account_months")
        yield _finding("history.clean", "history", FAVOURABLE, NOTABLE, ids)
    if accounts is not None and (accounts < THIN_ACCOUNTS or (oldest is not None and oldest < THIN_MONTHS)):
        ids = case.ids("history.accounts", "history.oldest_account_months")
        yield _finding("history.thin", "history", ADVERSE, NOTABLE, ids)
    records = case.facts.get("history.adverse_records")
    if records is not None and records.value is True:
        yield _finding("history.adverse_records", "history", ADVERSE, MAJOR, (records.id,))


def _employment(case: Findable) -> Iterator[Finding]:
    years = case.number("employment.seniority_years")
    if years is None:
        return
    ids = case.ids("employment.seniority_years")
    if years >= LONG_YEARS:
        yield _finding("employment.long", "capacity", FAVOURABLE, MINOR, ids)
    elif years < SHORT_YEARS:
        yield _finding("employment.short", "capacity", ADVERSE, NOTABLE, ids)


def _score(case: Findable) -> Iterator[Finding]:
    if case.score is None:
        return
    grade = case.score.grade
    stance = FAVOURABLE if grade in FAVOURABLE_GRADES else ADVERSE if grade in ADVERSE_GRADES else NEUTRAL
    ids = case.ids("score.points", "score.pd_pct", "score.grade")
    yield _finding("score.grade", "score", stance, NOTABLE, ids)
    by_id = {fact.id: fact for fact in case.facts.values()}
    for row in case.score.reasons:
        if row.fact in by_id:
            yield _finding(
                "score.reason", "score", ADVERSE, NOTABLE, (row.fact,), detail=row.reason_code, about=row.name
            )


def challenger_findings(shadow: Shadow | None, facts: Mapping[str, Fact], score: Score | None) -> Iterator[Finding]:
    """The disagreement of a challenger, as long as it is about these facts and this score; never for or against."""
    if shadow is not None and shadow.disagreement is not Disagreement.NONE and shadow.stands(facts, score):
        ids = tuple(facts[name].id for name in ("score.grade", "score.pd_pct") if name in facts)
        detail = shadow.disagreement.value
        yield _finding("score.challenger_disagrees", "score", NEUTRAL, NOTABLE, ids, detail=detail)


def _challenger(case: Findable) -> Iterator[Finding]:
    yield from challenger_findings(case.shadow, case.facts, case.score)


def _policy(case: Findable) -> Iterator[Finding]:
    against = [clause for clause in case.policy.clauses if clause.outcome != "pass"]
    if not against:
        held = [clause for clause in case.policy.clauses if clause.table == "affordability"]
        facts = tuple(dict.fromkeys(fact for clause in held for fact in clause.facts))
        yield _finding("policy.met", "policy", FAVOURABLE, NOTABLE, facts, relation="met")
    for clause in against:
        weight = MAJOR if clause.outcome == "decline" else NOTABLE
        code = f"policy.{clause.table}:{clause.clause.rpartition(' ')[2]}"
        yield _finding(code, "policy", ADVERSE, weight, clause.facts, clause=clause.clause, detail=clause.outcome)


def _mitigants(case: Findable) -> Iterator[Finding]:
    if "offer.amount" in case.facts:
        ids = case.ids("offer.amount", "request.term_months", "offer.dsr_pct")
        yield _finding("offer.fits", "mitigants", FAVOURABLE, NOTABLE, ids)
    cover = case.number("ratio.assets_to_amount")
    if cover is not None and cover >= 1:
        ids = case.ids("assets.total", "ratio.assets_to_amount")
        yield _finding("assets.support", "mitigants", FAVOURABLE, MINOR, ids)
    uplift = case.number("credential.uplift")
    if uplift is not None and uplift > 0 and "limit.amount" in case.facts:
        ids = case.ids("credential.uplift", "limit.amount")
        yield _finding("credentials.support", "mitigants", FAVOURABLE, MINOR, ids)


def _recommendation(case: Findable) -> Iterator[Finding]:
    policy = case.policy
    deciding = [clause for clause in policy.clauses if clause.outcome == policy.outcome] or [
        clause for clause in policy.clauses if clause.table == "affordability"
    ]
    facts = tuple(dict.fromkeys(fact for clause in deciding for fact in clause.facts))
    outcome = policy.outcome
    if outcome != "approve" and "offer.amount" in case.facts and _only_terms_stand_against(case):
        outcome, facts = "counter-offer", case.ids("offer.amount", "request.term_months", "offer.dsr_pct")
    stance = {"approve": FAVOURABLE, "counter-offer": NEUTRAL, "refer": NEUTRAL}.get(outcome, ADVERSE)
    clause = None if policy.outcome == "approve" or not deciding else deciding[0].clause
    yield _finding(f"recommendation.{outcome}", "recommendation", stance, MAJOR, facts, clause=clause)


def _only_terms_stand_against(case: Findable) -> bool:
    """Whether nothing but amount, term and affordability speaks against the request."""
    against = (clause for clause in case.policy.clauses if clause.outcome != "pass")
    return all(clause.table in ("affordability", "eligibility", "pricing") for clause in against)


RULES: tuple[Rule, ...] = (
    _request,
    _income,
    _salary,
    _affordability,
    _undisclosed,
    _conduct,
    _reserve,
    _documents,
    _papers,
    _history,
    _enquiries,
    _employment,
    _score,
    _policy,
    _mitigants,
    _recommendation,
    _challenger,  # last: it has no part in what the others say
)
