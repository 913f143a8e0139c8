"""Hold a case's facts to the policy: outcome with its clauses, the price, the largest amount that fits."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.case import Case
from app.domain.credentials import credential_rules
from app.domain.derivation import FOLLOWS
from app.domain.derive import Assumptions
from app.domain.facts import Fact, FactValue
from app.domain.money import to_cents
from app.domain.policy import Policy, PolicyResult, strictest
from app.domain.policy_check import Answer, PolicyCheck, Prices, clause_results, lowest_role
from app.domain.policy_tables import PATHS, TERMS, UPLIFT, PolicyReading, nested, number
from app.domain.score import Score
from app.ports import PolicyEngine

VERIFIED = ("income.net_monthly_documented", "income.net_monthly_banked")


def assess_policy(
    facts_by_name: Mapping[str, Fact], case: Case, score: Score | None, policy: Policy, engine: PolicyEngine
) -> PolicyResult:
    """The policy's answer to the requested terms.

    Pure but for the engine. Facts that are missing refer the case under the clause that names them; facts of
    prohibited bases are not read. Raises ``InputError`` for a policy that cannot be evaluated.
    """
    check = policy_check(facts_by_name, case, score, policy, engine)
    return policy_result(check, check.at(check.requested()), facts_by_name)


def policy_check(
    facts_by_name: Mapping[str, Fact],
    case: Case,
    score: Score | None,
    policy: Policy,
    engine: PolicyEngine,
    *,
    reading: PolicyReading | None = None,
    prices: Prices | None = None,
    quick: PolicyEngine | None = None,
) -> PolicyCheck:
    """The case before the policy, ready for any terms.

    ``reading`` saves indexing the policy again, ``prices`` asking its grid again for the same grade and term, ``quick``
    most of the engine's time where the largest amount is looked for.
    """
    reading = reading or PolicyReading(policy)
    values: dict[str, FactValue | None] = {
        name: fact.value
        for name, fact in facts_by_name.items()
        if name in reading.inputs and not name.startswith(FOLLOWS) and comparable(fact, case.currency)
    }
    if (uplift := facts_by_name.get(UPLIFT)) is not None and comparable(uplift, case.currency):
        values[UPLIFT] = uplift.value
    values["case.income_verified"] = any(name in facts_by_name for name in VERIFIED)
    if score is not None:
        values |= {"score.points": score.points, "score.grade": score.grade, "score.pd_pct": to_cents(score.pd * 100)}
    return PolicyCheck(
        policy,
        reading,
        engine.evaluate,
        values,
        currency=case.currency,
        language=case.language,
        prices=prices,
        quick=quick.evaluate if quick else None,
        applied_on=case.received_on,
    )


def assumptions_of(policy: Policy, engine: PolicyEngine, currency: str) -> Assumptions:
    """What the policy lets the computations of a case in that currency assume.

    Raises ``InputError`` for a policy that cannot be evaluated.
    """
    terms = engine.evaluate(policy.document, nested({"case.currency": currency})).get(PATHS[TERMS]) or {}
    usual = Assumptions()
    tolerance, share, unit = (number(terms, name) for name in ("tolerance_pct", "debt_instalment_pct", "unit"))
    return Assumptions(
        usual.tolerance_pct if tolerance is None else tolerance,
        usual.debt_instalment_pct if share is None else share,
        usual.unit if unit is None else unit,
        credential_rules(policy.document),
    )


def comparable(fact: Fact, currency: str) -> bool:
    """Money in another currency than the case's is as good as missing."""
    return fact.unit == currency or not (len(fact.unit) == 3 and fact.unit.isupper())


def policy_result(check: PolicyCheck, answer: Answer, facts_by_name: Mapping[str, Fact]) -> PolicyResult:
    """The answer to the requested terms as it is stored."""
    clauses = clause_results(answer.hits, {name: fact.id for name, fact in facts_by_name.items()})
    terms = answer.terms
    signatory = lowest_role(answer.signatories, terms.amount) if terms else None
    return PolicyResult(
        policy=check.policy.name,
        version=check.policy.version,
        sha256=check.policy.sha256,
        outcome=strictest(clauses),
        clauses=clauses,
        rate_pct=answer.priced_pct,
        fits=check.largest(terms.term_months) if terms else None,
        authority_role=signatory.role if signatory else None,
        capped_by=answer.capped_by,
    )
