"""A challenger in shadow: stored beside the score, its disagreement a neutral finding that lasts while it is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.case import Status
from app.domain.challenger import ChallengerScore
from app.domain.changes import Changes
from app.domain.facts import Fact, FactValue, Source, SourceKind, Stance, new_fact
from app.domain.findings import Finding
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.domain.shadow import Disagreement, Shadow, ShadowRule, points_of
from app.errors import Cancelled, InputError
from app.usecases.score_case import score_case
from app.usecases.shadow_challenger import check_features, forget_shadows, keep_challenger, shadow_case, shadow_cases
from tests.challengers import SteadyChallenger
from tests.doubles import FixedClock, MemoryWorkspace, load_catalogue
from tests.scorecards import a_bin, a_characteristic, a_document

CATALOGUE = load_catalogue()
CODE = "score.challenger_disagrees"


def a_card() -> Scorecard:
    """Seniority alone: 500 points below five years, 600 from then on; grades A to E forty points apart."""
    grades = [{"name": name, "minimum_points": least} for name, least in zip("ABCD", (600, 560, 520, 480), strict=True)]
    bins = [a_bin(500, **{"from": None, "to": "5"}), a_bin(600, **{"from": "5", "to": None}), a_bin(400, missing=True)]
    return read_scorecard(
        a_document(
            [a_characteristic("employment.seniority_years", "numeric", bins)],
            grades=[*grades, {"name": "E", "minimum_points": None}],
        )
    )


CARD = a_card()


class Model(SteadyChallenger):
    """One that says what the card would at those points."""

    def __init__(self, points: int, *names: str) -> None:
        super().__init__(float(CARD.calibration.intercept + CARD.calibration.slope * points), *names)


def of_person(case_id: str, name: str, value: FactValue) -> Fact:
    return new_fact(case_id, name, value, "years", Source(SourceKind.PERSON, person="test"))


def a_workspace(years: int = 2, count: int = 1) -> tuple[MemoryWorkspace, list[str]]:
    """Cases of an applicant with so many years of seniority, scored by ``CARD``."""
    workspace, ids = MemoryWorkspace(), []
    with workspace.transaction() as stores:
        for _ in range(count):
            case = stores.cases.add(
                reference="A-1",
                applicant="",
                product="instalment-loan",
                amount=None,
                currency="EUR",
                term_months=None,
                received_on=date(2026, 10, 28),
            )
            stores.facts.add([of_person(case.id, "employment.seniority_years", Decimal(years))])
            score_case(stores, case.id, CARD)
            ids.append(case.id)
    return workspace, ids


def findings(workspace: MemoryWorkspace, case_id: str) -> list[Finding]:
    with workspace.read() as stores:
        return [finding for finding in stores.findings.of_case(case_id) if finding.code == CODE]


@pytest.mark.parametrize(
    ("years", "points", "expected"),
    [
        (2, 500, Disagreement.NONE),  # D and D
        (2, 470, Disagreement.NONE),  # D and E: one grade, the same side
        (2, 530, Disagreement.BETTER),  # D and C: the other side of the cut-off
        (9, 565, Disagreement.NONE),  # A and B
        (9, 530, Disagreement.WORSE),  # A and C: two grades
        (9, 510, Disagreement.WORSE),
    ],
)
def test_disagreement_is_another_side_or_two_grades(years: int, points: int, expected: Disagreement) -> None:
    workspace, (case_id,) = a_workspace(years)
    shadow_case(case_id, workspace, Model(points), scorecard=CARD)
    with workspace.read() as stores:
        shadow = stores.challengers.get(case_id)
        assert shadow is not None
        assert shadow.disagreement is expected
        assert Shadow.from_json(shadow.to_json()) == shadow
        assert stores.scores.get(case_id).points == (600 if years > 5 else 500)  # type: ignore[union-attr]
    found = findings(workspace, case_id)
    assert [each.detail for each in found] == ([expected.value] if expected else [])
    assert all(each.stance is Stance.NEUTRAL for each in found)


def test_a_second_run_over_the_same_facts_changes_nothing() -> None:
    workspace, (case_id,) = a_workspace()
    first = shadow_case(case_id, workspace, Model(600), scorecard=CARD)
    assert first == Changes.SCORE | Changes.FINDINGS
    with workspace.read() as stores:
        events = len(stores.events.of_case(case_id))
    assert shadow_case(case_id, workspace, Model(600), scorecard=CARD) == Changes.NOTHING
    with workspace.read() as stores:
        assert len(stores.events.of_case(case_id)) == events


def test_the_finding_goes_when_the_challenger_agrees() -> None:
    workspace, (case_id,) = a_workspace()
    shadow_case(case_id, workspace, Model(600), scorecard=CARD)
    assert findings(workspace, case_id)
    shadow_case(case_id, workspace, Model(500), scorecard=CARD)
    assert not findings(workspace, case_id)


def test_what_was_said_of_other_facts_or_another_score_no_longer_stands() -> None:
    workspace, (case_id,) = a_workspace()
    shadow_case(case_id, workspace, Model(600), scorecard=CARD)
    with workspace.read() as stores:
        shadow, score = stores.challengers.get(case_id), stores.scores.get(case_id)
        facts = {fact.name: fact for fact in stores.facts.current(case_id)}
    assert shadow is not None
    assert score is not None
    assert shadow.stands(facts, score)
    corrected = of_person(case_id, "employment.seniority_years", Decimal(3))
    assert not shadow.stands(facts | {corrected.name: corrected}, score)
    added = of_person(case_id, "employment.type", "fixed")
    assert not shadow.stands(facts | {added.name: added}, score)
    assert shadow.stands(facts | {"request.amount": of_person(case_id, "request.amount", Decimal(1))}, score)
    assert not shadow.stands({}, score)
    assert not shadow.stands(facts, None)
    assert not shadow.stands(facts, replace(score, sha256="0" * 64))


def test_ratios_are_derived_for_the_challenger_as_for_the_scorecard() -> None:
    workspace, (case_id,) = a_workspace()
    with workspace.transaction() as stores:
        stores.facts.add(
            [
                of_person(case_id, "request.amount", Decimal(6000)),
                of_person(case_id, "income.net_monthly_stated", Decimal(2000)),
            ]
        )
    model = Model(500, "ratio.amount_to_income", "income.net_monthly", "assets.total")
    shadow_case(case_id, workspace, model, scorecard=CARD)
    expected = {"ratio.amount_to_income": Decimal("3.00"), "income.net_monthly": Decimal(2000), "assets.total": None}
    assert model.asked == [expected]


def test_many_cases_are_counted_and_can_be_cancelled() -> None:
    workspace, ids = a_workspace(count=3)
    with workspace.transaction() as stores:
        bare = stores.cases.add(
            reference="B",
            applicant="",
            product="instalment-loan",
            amount=None,
            currency="EUR",
            term_months=None,
            received_on=None,
        )
    run = shadow_cases([*ids, bare.id], workspace, Model(600), scorecard=CARD)
    assert (run.scored, run.disagree, run.unscored) == (3, 3, 1)

    def stop(done: int, total: int | None, what: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        shadow_cases(ids, workspace, Model(500), scorecard=CARD, progress=stop)
    assert all(findings(workspace, case_id) for case_id in ids)


class Picky(Model):
    """One that cannot read every case."""

    def score(self, values: Mapping[str, Any]) -> ChallengerScore:
        if values["employment.seniority_years"] == Decimal(13):
            raise InputError("employment.seniority_years", "13 cannot be read.")
        return super().score(values)


def test_a_case_that_cannot_be_read_is_left_alone_and_loses_what_was_said() -> None:
    workspace, (case_id,) = a_workspace(13)
    assert shadow_case(case_id, workspace, Model(430), scorecard=CARD)
    assert findings(workspace, case_id)
    run = shadow_cases([case_id], workspace, Picky(430), scorecard=CARD)
    assert (run.scored, run.unscored) == (0, 1)
    assert run.to_json()["problem"] == "13 cannot be read."
    assert run.changes == Changes.SCORE | Changes.FINDINGS
    assert not findings(workspace, case_id)
    with workspace.read() as stores:
        assert stores.challengers.get(case_id) is None


def test_what_was_said_is_taken_back_but_not_of_a_decided_case() -> None:
    workspace, ids = a_workspace(count=2)
    shadow_cases(ids, workspace, Model(600), scorecard=CARD)
    with workspace.transaction() as stores:
        stores.cases.set_status(ids[1], Status.DECIDED)
    assert forget_shadows(ids, workspace) == Changes.SCORE | Changes.FINDINGS
    assert [bool(findings(workspace, case_id)) for case_id in ids] == [False, True]
    assert forget_shadows(ids[:1], workspace) == Changes.NOTHING


def test_a_case_without_that_score_is_refused() -> None:
    workspace, (case_id,) = a_workspace()
    other = read_scorecard(dict(CARD.document) | {"version": "2.0.0"})
    with pytest.raises(InputError, match=r"has no score by small 2\.0\.0"):
        shadow_case(case_id, workspace, Model(500), scorecard=other)


def test_a_challenger_on_no_facts_or_on_a_prohibited_basis_is_refused() -> None:
    check_features(Model(500), CATALOGUE)
    with pytest.raises(InputError, match=r"looks at PAY_0, of which cases have no facts"):
        check_features(Model(500, "PAY_0"), CATALOGUE)
    workspace, (case_id,) = a_workspace()
    with pytest.raises(InputError, match=r"prohibited basis: applicant\.age"):
        shadow_case(case_id, workspace, Model(500, "applicant.age"), scorecard=CARD)
    with pytest.raises(InputError, match="prohibited basis"):
        keep_challenger(b"", Model(500, "applicant.sex"), "ann", workspace, clock=FixedClock())


def test_the_workspace_keeps_a_challenger_once() -> None:
    workspace, _ = a_workspace()
    assert keep_challenger(b"model", Model(500), "ann", workspace, clock=FixedClock()) == Changes.SETTINGS
    assert keep_challenger(b"model", Model(500), "ben", workspace, clock=FixedClock()) == Changes.NOTHING
    with workspace.read() as stores:
        assert [(each.name, each.person) for each in stores.challengers.kept()] == [("steady", "ann")]
        assert stores.challengers.data(Model.sha256) == b"model"


def test_a_damaged_file_is_put_right_when_it_is_added_again() -> None:
    workspace, _ = a_workspace()
    keep_challenger(b"damaged", Model(500), "ann", workspace, clock=FixedClock())
    assert keep_challenger(b"model", Model(500), "ben", workspace, clock=FixedClock()) == Changes.SETTINGS
    with workspace.read() as stores:
        assert [each.person for each in stores.challengers.kept()] == ["ann"]
        assert stores.challengers.data(Model.sha256) == b"model"


def test_the_rule_takes_its_cut_off_from_the_grades() -> None:
    assert ShadowRule.of(CARD, ("D", "E")).lowest_grade == "C"
    assert ShadowRule.of(CARD, ()).lowest_grade is None
    workspace, (case_id,) = a_workspace()
    with pytest.raises(InputError, match="no grade Q"):
        shadow_case(case_id, workspace, Model(500), scorecard=CARD, rule=ShadowRule("Q"))


def test_points_of_a_pd_lie_on_the_scorecards_line_and_within_its_range() -> None:
    line = CARD.calibration
    assert points_of(CARD, float(line.intercept + line.slope * 533)) == 533
    assert points_of(CARD, 50.0) == 600
    assert points_of(CARD, -50.0) == 400
