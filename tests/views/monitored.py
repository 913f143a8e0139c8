"""A monitoring report drawn from counts: a year of cohorts, one of them bad, decisions, segments, alerts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from app.domain.backtest import calibration, overrides, ranking, segments, vintages
from app.domain.bases import development_base
from app.domain.scorecard import Scorecard
from app.domain.stability import characteristic_stability, score_stability
from app.domain.watching import (
    Alert,
    BinCount,
    DecisionCount,
    FollowCount,
    Light,
    ScoreCount,
    ScoredBy,
    SegmentCount,
)
from app.usecases.monitor_scorecard import MonitoringReport, MonthRow
from data.monitoring_limits import load_limits

MONTHS = tuple(f"2025-{month:02}" for month in range(1, 13))
WORSE = "2025-09"


def score_counts(card: Scorecard, months: Sequence[str] = MONTHS) -> list[ScoreCount]:
    draw, found = random.Random(3), []
    for month in months:
        for points in range(card.minimum_points, card.maximum_points, 12):
            pd = float(card.calibration.pd(points)) * (1.6 if month == WORSE else 1.0)
            known = 0 if month > "2025-10" else draw.randint(4, 20)
            bad = sum(draw.random() < pd for _ in range(known))
            grade = card.grade_of(points)
            found.append(ScoreCount(month, points, min(pd, 0.99), grade, known + 4, known - bad, bad))
    return found


def follow_counts() -> list[FollowCount]:
    found = []
    for place, month in enumerate(MONTHS[:10]):
        seen = 14 - place
        rate = 0.022 if month == WORSE else 0.009
        left = 900
        for months in range(1, seen):
            bad = round(left * rate)
            left -= bad
            found.append(FollowCount(month, months, True, bad))
        found.append(FollowCount(month, seen, False, left))
    return found


def segment_counts() -> list[SegmentCount]:
    return [
        SegmentCount("grade", "A", 900, 860, 800, 700, 21, 20.0),
        SegmentCount("grade", "C", 700, 640, 300, 380, 60, 58.0),
        SegmentCount("product", "car", 800, 760, 380, 500, 90, 45.0),
        SegmentCount("product", None, 800, 740, 720, 580, 40, 38.0),
        SegmentCount("applicant.housing", "rent", 12, 9, 4, 3, 0, 0.2),
    ]


def decision_counts() -> list[DecisionCount]:
    return [
        DecisionCount("approve", "approve", False, 700, 640, 20, 22.0),
        DecisionCount("decline", "approve", True, 110, 80, 14, 6.0),
        DecisionCount("approve", "decline", False, 30, 0, 0, 0.0),
        DecisionCount("decline", "decline", False, 300, 0, 0, 0.0),
    ]


def report_of(card: Scorecard) -> MonitoringReport:
    """The report over those counts, under the usual limits; what is amber or red stands as an alert."""
    limits, base, scores = load_limits(), development_base(card), score_counts(card)
    by_month = {month: [row for row in scores if row.month == month] for month in MONTHS}
    bins = [
        BinCount(MONTHS[-1], at, place, 40 + 25 * (place % 3))
        for at, row in enumerate(card.characteristics)
        for place in range(len(row.bins))
    ]
    report = MonitoringReport(
        ScoredBy(card.sha256, card.name, card.version, sum(row.cases for row in scores)),
        base,
        MONTHS[-1],
        None,
        tuple(
            MonthRow(score_stability(rows, month, base, limits), ranking(rows, month, base, limits))
            for month, rows in by_month.items()
        ),
        score_stability(by_month[MONTHS[-1]], MONTHS[-1], base, limits),
        tuple(characteristic_stability(card, bins, MONTHS[-1], base, limits)),
        ranking(scores, None, base, limits),
        tuple(calibration(scores, [grade.name for grade in card.grades], None, limits)),
        overrides(decision_counts(), None, limits),
        tuple(segments(segment_counts(), None, limits)),
        tuple(vintages(follow_counts(), limits)),
    )
    lit = [reading for reading in report.readings if reading.light in (Light.RED, Light.AMBER)]
    alerts = [Alert(at, card.sha256, each, f"2026-01-{1 + at:02}T09:00:00+00:00") for at, each in enumerate(lit[:20])]
    return replace(report, standing=tuple(alerts), alerts=tuple(alerts[-2:]))
