"""Monitoring over a real workspace: counts against plain Python, lights that turn, alerts that are raised once."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.backtest import overrides, segments, vintages
from app.domain.bases import development_base
from app.domain.case import Decision, Outcome
from app.domain.facts import Source, SourceKind, new_fact
from app.domain.monitoring import auc, histogram, psi
from app.domain.policy import PolicyResult
from app.domain.scorecard_format import read_scorecard
from app.domain.watching import DecisionCount, FollowCount, Light, Limits, SegmentCount, Threshold, worst
from app.errors import InputError
from app.usecases.monitor_scorecard import MonitoringReport, MonitorScorecard, monitor_scorecard
from app.usecases.score_case import score_all, score_case
from data.monitoring_limits import load_limits
from tests.application_rows import put_application_rows
from tests.data.conftest import add_case, open_folder, workspace
from tests.doubles import FixedClock
from tests.scorecards import small_document

__all__ = ["add_case", "open_folder", "workspace"]

CLOCK = FixedClock(datetime(2026, 6, 30, 9, tzinfo=UTC))
MONTHS = ("2026-01", "2026-02", "2026-03")
A_MONTH = 120


def a_document() -> dict[str, Any]:
    """The small scorecard with the counts of a development sample that January looks like."""
    document = small_document()
    shape = {0: (240, 400, 300, 20, 40), 1: (500, 400, 100), 2: (200, 760, 40)}
    for row, counts in shape.items():
        for entry, count in zip(document["characteristics"][row]["bins"], counts, strict=True):
            entry["good"], entry["bad"] = count * 9 // 10, count - count * 9 // 10
    rows = [{"points": points, "good": 40 + points, "bad": 12} for points in range(20, 140, 5)]
    document["fit"]["distribution"] = {"development": rows}
    document["fit"]["performance"] |= {"auc": {"value": "0.9", "low": "0.88", "high": "0.92"}}
    document["calibration"] = {"intercept": "-1", "slope": "0.03"}
    return document


def drawn(draw: random.Random, month: str) -> dict[str, Any]:
    """An applicant; March has far more of short seniority."""
    young = 0.24 if month != "2026-03" else 0.7
    seniority = Decimal(draw.randint(0, 199 if draw.random() < young else 2000)) / 100
    return {
        "employment.seniority_years": seniority if draw.random() > 0.04 else None,
        "employment.type": draw.choice(["fixed"] * 5 + ["parttime"] * 4 + [None]),
        "history.adverse_records": draw.choice([True, False, False, False, None]),
        "applicant.housing": draw.choice(["owner", "rent"]),
        "applicant.marital_status": draw.choice(["married", "single"]),
    }


@pytest.fixture
def filled(workspace: Any, add_case: Callable[..., Any]) -> Any:
    """360 cases of three months from a table, scored in bulk; those of the first two have outcomes."""
    draw = random.Random(5)
    cells: dict[int, Any] = {}
    with workspace.transaction() as stores:
        for month in MONTHS:
            for day in range(A_MONTH):
                received = date(2026, int(month[-2:]), 1 + day % 28)
                case = add_case(stores, reference=f"{month}/{day}", received_on=received)
                cells[int(case.id[-6:])] = drawn(draw, month)
        put_application_rows(stores.outcomes._tx, workspace.catalogue, cells, document="d" * 64)
    score_all(workspace, read_scorecard(a_document()), clock=CLOCK)
    with workspace.transaction() as stores:
        tx = stores.outcomes._tx
        points = dict(tx.fetch("SELECT case_no, points FROM scores"))
        for case_no in cells:
            if case_no <= 2 * A_MONTH:
                bad = draw.random() < 1.3 - points[case_no] / 100
                rows = [(case_no, date(2026, 4, 15), False, None, 1, 2, False)]
                rows += [(case_no, date(2026, 5, 20), bad, None, 1, 3, False)]
                tx.insert("outcomes", rows)
    return workspace


@pytest.fixture
def measure(filled: Any) -> Callable[..., MonitoringReport]:
    def measured(**given: Any) -> MonitoringReport:
        limits = given.pop("limits", load_limits())
        return monitor_scorecard(MonitorScorecard(**given), filled, limits, clock=CLOCK)

    return measured


def rows_of(workspace: Any, sql: str) -> list[tuple[Any, ...]]:
    with workspace.read() as stores:
        return list(stores.monitoring._tx.fetch(sql))


def test_counts_are_those_of_the_cases(filled: Any, measure: Any) -> None:
    report = measure(month="2026-02")
    assert [(row.stability.month, row.stability.cases) for row in report.months] == [(m, A_MONTH) for m in MONTHS]
    scored = rows_of(
        filled,
        "SELECT s.points, o.bad FROM scores s JOIN outcomes o USING (case_no) WHERE month(observed_on) = 5 "
        f"AND case_no BETWEEN {A_MONTH + 1} AND {2 * A_MONTH}",
    )
    counts = histogram((points, int(not bad), int(bad)) for points, bad in scored)
    assert report.ranking.auc is not None
    assert report.ranking.auc.value == pytest.approx(auc(counts))
    assert report.ranking.good + report.ranking.bad == A_MONTH
    assert sum(row.good + row.bad for row in report.grades if row.grade) == A_MONTH


def test_a_characteristic_is_compared_bin_by_bin(filled: Any, measure: Any) -> None:
    report = measure(month="2026-03")
    card = read_scorecard(a_document())
    found = {row.name: row for row in report.characteristics}["employment.seniority_years"]
    bins = [0] * 5
    for (value,) in rows_of(filled, 'SELECT "employment.seniority_years" FROM application_rows WHERE case_no > 240'):
        bins[card.characteristics[0].bin_of(value)] += 1
    assert [share.actual for share in found.bins] == bins
    expected = [entry.good + entry.bad for entry in card.characteristics[0].bins]
    assert found.csi == pytest.approx(psi(expected, bins))
    assert found.reading.light is Light.RED
    assert found.points_shift < -5


def test_the_month_like_the_base_is_green(measure: Any) -> None:
    report = measure(month="2026-01", base_month="2026-01")
    assert report.score.psi == 0
    assert {reading.light for reading in report.score.readings} == {Light.GREEN}
    assert all(row.csi == 0 for row in report.characteristics)
    assert report.base.kind == "month"


def test_a_case_scored_alone_counts_like_one_scored_in_bulk(filled: Any, measure: Any) -> None:
    before = measure(month="2026-01").characteristics
    with filled.transaction() as stores:
        for case_id in list(stores.cases.ids())[:5]:
            score_case(stores, case_id, read_scorecard(a_document()), filled.catalogue)
    alone = rows_of(filled, "SELECT count(*) FROM scores WHERE body IS NOT NULL")
    assert alone == [(5,)]
    assert measure(month="2026-01").characteristics == before


def test_alerts_are_raised_once_and_cleared(filled: Any, measure: Any) -> None:
    first = measure()
    assert first.month == "2026-03"
    beyond = [reading for reading in first.readings if reading.light in (Light.AMBER, Light.RED)]
    assert {alert.reading for alert in first.alerts} == set(beyond)
    assert "csi" in {reading.measure for reading in beyond}
    again = measure()
    assert again.alerts == ()
    assert again.standing == first.standing == first.alerts
    lenient = replace(load_limits(), thresholds=dict.fromkeys(load_limits().thresholds, Threshold(99.0, 100.0)))
    cleared = measure(limits=lenient)
    assert {alert.reading.light for alert in cleared.alerts} == {Light.GREEN}
    assert cleared.standing == ()
    events = rows_of(filled, "SELECT what, count(*) FROM events WHERE what LIKE 'alert.%' GROUP BY 1 ORDER BY 1")
    assert events == [("alert.cleared", len(beyond)), ("alert.raised", len(beyond))]
    with filled.read() as stores:
        assert stores.events.verify() is None
        assert [alert.id for alert in stores.monitoring.alerts()] == list(range(1, 2 * len(beyond) + 1))


def test_segments_never_look_at_a_prohibited_basis(measure: Any) -> None:
    names = {row.counts.name for row in measure().segments}
    assert {"grade", "product", "applicant.housing", "employment.type"} <= names
    assert "applicant.marital_status" not in names


def test_segments_count_every_case_and_take_corrections(filled: Any, measure: Any) -> None:
    source = Source(SourceKind.PERSON, person="Vera")
    with filled.transaction() as stores:
        case_id = next(iter(stores.cases.ids()))
        stores.facts.add([new_fact(case_id, "applicant.housing", "parents", "category", source)])
    housing = [row.counts for row in measure().segments if row.counts.name == "applicant.housing"]
    assert sum(row.cases for row in housing) == 3 * A_MONTH
    assert {row.value: row.cases for row in housing}["parents"] == 1


def test_vintages_follow_the_months(measure: Any) -> None:
    found = measure().vintages
    assert [row.month for row in found] == ["", "2026-01", "2026-02"]
    assert found[1].curve[-1].months == 4
    assert found[2].curve[-1].months == 3
    assert found[1].curve[-1].at_risk <= A_MONTH


def decide(stores: Any, case_id: str, outcome: Outcome, policy: str, override: str | None) -> None:
    stores.policies.keep_policy("p" * 64, {"name": "test"})
    stores.policies.put(case_id, PolicyResult("test", "1", "p" * 64, policy, (), None, None, None))
    given = dict.fromkeys(("amount", "term_months", "rate_pct"))
    decision = Decision(
        outcome, currency="EUR", conditions=(), reason_text="Because.", reasons=(), person="Vera",
        role="underwriter", authority="", override=override, decided_at=CLOCK.now(), **given,
    )  # fmt: skip
    stores.decisions.put(case_id, decision)


def test_overrides_are_told_from_decisions_within_policy(filled: Any, measure: Any) -> None:
    plan = [
        (Outcome.APPROVE, "approve", None),  # within
        (Outcome.APPROVE, "decline", "Known for years."),  # low side
        (Outcome.APPROVE, "refer", None),  # within: the policy left it open
        (Outcome.COUNTER_OFFER, "approve", "Above the authority."),  # low side: stated
        (Outcome.DECLINE, "approve", None),  # high side
        (Outcome.DECLINE, "decline", None),  # neither
        (Outcome.REFER, "approve", None),  # no final decision
    ]
    with filled.transaction() as stores:
        for case_id, (outcome, policy, override) in zip(stores.cases.ids(), plan, strict=False):
            decide(stores, case_id, outcome, policy, override)
    found = measure().overrides
    assert found.decided == 6
    assert (found.low_side.decisions, found.high_side.decisions, found.within.decisions) == (2, 1, 2)
    assert found.rate is not None
    assert found.rate.value == pytest.approx(0.5)
    assert found.low_side.good + found.low_side.bad == 2
    approvals = next(row for row in measure().segments if row.counts.name == "product")
    assert (approvals.counts.decided, approvals.counts.approved) == (6, 4)


def test_only_the_decision_that_stands_counts(filled: Any, measure: Any) -> None:
    with filled.transaction() as stores:
        case_id = next(iter(stores.cases.ids()))
        decide(stores, case_id, Outcome.REFER, "approve", None)
        decide(stores, case_id, Outcome.DECLINE, "approve", None)
    assert measure().overrides.high_side.decisions == 1


def test_cases_without_a_date_are_a_month_of_their_own(filled: Any, measure: Any, add_case: Any) -> None:
    with filled.transaction() as stores:
        case = add_case(stores, reference="undated", received_on=None)
        score_case(stores, case.id, read_scorecard(a_document()), filled.catalogue)
    report = measure(month="undated")
    assert report.score.cases == 1
    assert report.score.readings[0].light is Light.GREY
    assert "too few" in report.score.readings[0].note
    assert measure().month == "2026-03"


def test_what_is_not_there_is_named(filled: Any, measure: Any, open_folder: Any) -> None:
    with pytest.raises(InputError, match="2020-01") as refused:
        measure(month="2020-01")
    assert "2026-01" in refused.value.remedy
    with pytest.raises(InputError, match="other") as unknown:
        measure(scorecard="other")
    assert "small" in unknown.value.remedy


def test_nothing_scored_is_said(workspace: Any) -> None:
    with pytest.raises(InputError, match="No case is scored"):
        monitor_scorecard(MonitorScorecard(), workspace, load_limits(), clock=CLOCK)


def test_the_report_is_plain_json(measure: Any) -> None:
    data = json.loads(json.dumps(measure().to_json(), allow_nan=False))
    assert data["scorecard"]["name"] == "small"
    assert data["light"] == "red"
    assert {reading["measure"] for reading in data["readings"]} == set(load_limits().thresholds)
    assert len(data["months"]) == 3
    assert sum(band["actual"] for band in data["score"]["bands"]) == A_MONTH


# Lights, from counts alone

LIMITS = load_limits()


def test_the_worst_light_is_that_of_the_whole() -> None:
    assert worst([Light.GREY, Light.GREEN]) is Light.GREEN
    assert worst([Light.GREEN, Light.RED, Light.AMBER]) is Light.RED
    assert worst([]) is Light.GREY


def test_a_segment_far_below_turns_red_and_a_small_one_stays_grey() -> None:
    rows = [
        SegmentCount("grade", "A", 2000, 2000, 1400, 900, 100, 100.0),
        SegmentCount("product", "car", 1000, 1000, 400, 700, 300, 100.0),
        SegmentCount("product", "boat", 1000, 20, 2, 10, 1, 1.0),
    ]
    found = {
        row.counts.value: {reading.measure: reading.light for reading in row.readings}
        for row in segments(rows, None, LIMITS)
    }
    assert found["car"] == {"approval_ratio": Light.RED, "bad_ratio": Light.RED}
    assert found["boat"] == {"approval_ratio": Light.GREY, "bad_ratio": Light.GREY}
    assert found["A"] == {"approval_ratio": Light.GREEN, "bad_ratio": Light.GREEN}


def test_overrides_that_go_bad_turn_red() -> None:
    rows = [
        DecisionCount("approve", "approve", False, 1000, 950, 50, 50.0),
        DecisionCount("decline", "approve", True, 200, 140, 60, 20.0),
    ]
    lights = {reading.measure: reading.light for reading in overrides(rows, None, LIMITS).readings}
    assert lights == {"override_rate": Light.RED, "override_ratio": Light.RED}


def test_a_vintage_worse_than_the_others_turns_red() -> None:
    rows = [
        FollowCount(f"2025-0{month}", 12, bad, count)
        for month in range(1, 5)
        for bad, count in ((True, 50), (False, 950))
    ]
    rows += [FollowCount("2025-05", 12, True, 200), FollowCount("2025-05", 12, False, 800)]
    found = {row.month: row.reading and row.reading.light for row in vintages(rows, LIMITS)}
    assert found["2025-05"] is Light.RED
    assert found["2025-01"] is Light.GREEN
    assert found[""] is None


def test_a_file_without_the_distribution_gives_its_grades() -> None:
    document = small_document()
    document["fit"]["grades"] = [
        {"name": "A", "cases": 70, "bad": 3, "expected_bad": "3"},
        {"name": "B", "cases": 30, "bad": 9, "expected_bad": "9"},
    ]
    base = development_base(read_scorecard(document))
    assert (base.ends, base.counts) == ((100,), (30, 70))
    assert development_base(read_scorecard(small_document())).counts == ()


# Thresholds


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[psi]\namber = 0.3\n", "psi"),
        ("[nothing]\namber = 1\n", "nothing"),
        ("[psi]\ngreen = 1\n", "psi.green"),
        ("[psi]\namber = 'much'\n", "psi.amber"),
        ("[least]\ncases = -1\n", "least.cases"),
        ("[approval_ratio]\nred = 0.9\n", "approval_ratio"),
        ("psi = 3\n", "psi"),
        ("[psi\n", "TOML"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=place) as refused:
        load_limits(path)
    assert str(path) in str(refused.value)


def test_own_thresholds_stand_over_the_shipped_ones(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[psi]\namber = 0.05\n[least]\ncases = 7\n")
    limits = load_limits(path)
    assert isinstance(limits, Limits)
    assert (limits["psi"].amber, limits["psi"].red, limits.least_cases) == (0.05, LIMITS["psi"].red, 7)
