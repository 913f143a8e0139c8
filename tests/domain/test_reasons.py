"""Principal reasons: only from factors that were used, the principal ones first, never generic."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from app.domain.facts import Fact, FactValue, Source, SourceKind, Stance, new_fact
from app.domain.findings import Finding, Materiality
from app.domain.policy import ClauseResult, PolicyResult
from app.domain.policy_tables import PolicyReading
from app.domain.reasons import Factors, chosen_reasons, is_generic, proposed_reasons, supported_reasons
from app.domain.score import CharacteristicPoints, Score
from app.errors import InputError
from tests.underwriting import CATALOGUE, policy

POLICY = policy()
READING = PolicyReading(POLICY)


def fact(name: str, value: FactValue = Decimal(1)) -> Fact:
    return new_fact("C-1", name, value, "x", Source(SourceKind.DOCUMENT, document="d"))


RATIO, SENIORITY, ENQUIRIES = (
    fact("ratio.dsr_after_pct"),
    fact("employment.seniority_years"),
    fact("history.enquiries_3m"),
)
PD = fact("score.pd_pct")
FACTS = (RATIO, SENIORITY, ENQUIRIES, PD, fact("applicant.age"))


def lost(name: str, code: str, points: int, fact_id: str | None) -> CharacteristicPoints:
    return CharacteristicPoints(name, fact_id, "bin", 50 - points, 50, 60, code)


def factors(
    clauses: Sequence[ClauseResult] = (),
    reasons: Sequence[CharacteristicPoints] = (),
    found: Sequence[Finding] = (),
    language: str = "en",
) -> Factors:
    score = Score("s", "1", "0", 500, Decimal("0.1"), "C", tuple(reasons), tuple(reasons), 300, 700)
    result = PolicyResult("p", "1", "0", "decline", tuple(clauses), None, None, None)
    return Factors(score, result, found, FACTS, CATALOGUE, READING.reason, POLICY.reasons, language)


def clause(number: str, outcome: str, *facts: Fact) -> ClauseResult:
    return ClauseResult(number.split()[0], number, outcome, tuple(each.id for each in facts), "text")


def adverse(code: str, *facts: Fact, major: bool = False, stance: Stance = Stance.ADVERSE) -> Finding:
    weight = Materiality.MAJOR if major else Materiality.NOTABLE
    return Finding(code, code, "capacity", stance, weight, tuple(each.id for each in facts))


def codes(used: Factors) -> list[str]:
    return [reason.code for reason in supported_reasons(used)]


def test_the_order_is_declining_clauses_lost_points_referring_clauses() -> None:
    used = factors(
        clauses=[clause("referral 3.7", "refer", ENQUIRIES), clause("affordability 4.3", "decline", RATIO)],
        reasons=[lost("employment.seniority_years", "C1-07", 12, SENIORITY.id)],
        found=[adverse("cashflow.returned"), adverse("debt.undisclosed", major=True)],
    )
    assert [(reason.code, reason.fact) for reason in supported_reasons(used)] == [
        ("C1-09", RATIO.id),
        ("C1-07", SENIORITY.id),
        ("C1-22", ENQUIRIES.id),
    ]


def test_a_finding_alone_supports_nothing() -> None:
    """It was neither scored nor held against a clause that failed."""
    assert codes(factors(found=[adverse("employment.short", SENIORITY), adverse("debt.undisclosed", major=True)])) == []


def test_reasons_are_proposed_from_the_part_that_was_failed() -> None:
    points = [lost("employment.seniority_years", "C1-07", 12, SENIORITY.id)]
    passed_score = factors(clauses=[clause("affordability 4.3", "decline", RATIO)], reasons=points)
    assert [reason.code for reason in proposed_reasons(passed_score)] == ["C1-09"]
    failed_score = factors(clauses=[clause("referral 3.1", "refer", PD)], reasons=points)
    assert [reason.code for reason in proposed_reasons(failed_score)] == ["C1-07"]
    assert [reason.code for reason in proposed_reasons(factors(reasons=points))] == ["C1-07"]


def test_what_is_missing_is_no_reason_where_a_clause_declines() -> None:
    used = factors(clauses=[clause("affordability 4.3", "decline", RATIO), clause("referral 3.0", "refer")])
    assert [reason.code for reason in proposed_reasons(used)] == ["C1-09"]
    assert codes(used) == ["C1-09", "C1-01"]


def test_a_factor_without_a_reason_of_the_form_speaks_in_the_lenders_words() -> None:
    unknown = factors(reasons=[lost("history.card_use_pct", "", 9, None), lost("assets.total", "X-1", 8, None)])
    assert [(reason.code, reason.text) for reason in supported_reasons(unknown)] == [
        ("OWN:history.card_use_pct", "History card use pct"),
        ("X-1", "Assets"),
    ]
    assert chosen_reasons(unknown, ["own:HISTORY.card_use_pct"])[0].code == "OWN:history.card_use_pct"


def test_a_clause_without_a_reason_takes_that_of_what_it_read_or_its_own_words() -> None:
    used = factors(clauses=[clause("eligibility 9.9", "decline", SENIORITY), clause("terms 0.0", "refer")])
    assert [(reason.code, reason.text) for reason in supported_reasons(used)] == [
        ("C1-07", "Length of employment"),
        ("OWN:terms 0.0", "text"),
    ]
    assert codes(factors(clauses=[clause("pricing 6.5", "decline", PD)])) == []


def test_a_code_is_given_once_with_its_weightiest_fact() -> None:
    used = factors(
        clauses=[clause("affordability 4.3", "decline", RATIO)],
        reasons=[lost("debt.outstanding", "C1-09", 9, SENIORITY.id)],
    )
    assert [(reason.code, reason.fact) for reason in supported_reasons(used)] == [("C1-09", RATIO.id)]


def test_clauses_that_pass_and_findings_that_favour_support_nothing() -> None:
    used = factors(
        clauses=[clause("affordability 4.2", "pass", RATIO)],
        found=[adverse("cashflow.returned", stance=Stance.FAVOURABLE), adverse("policy.referral:3.7", ENQUIRIES)],
    )
    assert codes(used) == []


def test_missing_information_supports_an_incomplete_application() -> None:
    assert codes(factors(clauses=[clause("referral 3.0", "refer")])) == ["C1-01"]


def test_a_prohibited_basis_supports_nothing() -> None:
    age = FACTS[-1]
    assert codes(factors(reasons=[lost("applicant.age", "C1-07", 20, age.id)])) == []


def test_a_characteristic_that_was_missing_may_be_a_reason_without_a_fact() -> None:
    reasons = supported_reasons(factors(reasons=[lost("employment.seniority_years", "C1-07", 20, None)]))
    assert [(reason.code, reason.fact) for reason in reasons] == [("C1-07", None)]


def test_statements_are_in_the_case_language() -> None:
    used = factors(clauses=[clause("affordability 4.3", "decline", RATIO)], language="zh")
    assert supported_reasons(used)[0].text == "债务相对收入过高"


def test_chosen_reasons_keep_the_persons_order() -> None:
    used = factors(
        clauses=[clause("affordability 4.3", "decline", RATIO), clause("referral 3.6", "refer")],
    )
    assert [reason.code for reason in chosen_reasons(used, [" cw-03 ", "C1-09", "CW-03"])] == ["CW-03", "C1-09"]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ([], "One to four"),
        (["", " "], "One to four"),
        (["C1-09", "C1-01", "C1-02", "C1-03", "C1-04"], "At most 4"),
        (["C1-99"], "no reason code C1-99"),
        (["C1-21"], "supports C1-21"),
    ],
)
def test_reasons_that_do_not_stand_are_refused(chosen: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        chosen_reasons(factors(clauses=[clause("affordability 4.3", "decline", RATIO)]), chosen)


@pytest.mark.parametrize(
    "text",
    [
        "Policy",
        "internal lending policy",
        "Applicant does not meet our credit standards",
        "Score too low.",
        "Failed to reach the qualifying score",
        "The request was declined due to risk",
        "不满足我行贷款标准",
        "评分过低",
        "---",
    ],
)
def test_generic_words(text: str) -> None:
    assert is_generic(text)


@pytest.mark.parametrize(
    "text",
    [
        "Instalments would take 58 % of net income.",
        "Instalments exceed the policy limit of 40 %.",
        "An instalment of 289.50 was not on the form",
        "Two accounts are past due",
        "Employed for three months",
        "月供占收入的 58 %，超过政策上限。",
        "Arbeitslos seit März",
    ],
)
def test_specific_words(text: str) -> None:
    assert not is_generic(text)
