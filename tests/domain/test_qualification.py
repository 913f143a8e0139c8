"""The suite by which models are qualified, and what is concluded from what was measured."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest

from app.domain.qualification import Measured, variety
from data.qualification_suite import load_suite

SUITE = load_suite()
GOOD = Measured("en", 20, 20, 0, 40, 40, 0.8, 0.8, 400, 20.0)


def readings(frame: str) -> list[str]:
    parts = re.split(r"<([^<>]*)>", frame)
    choices = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)]


def test_both_languages_have_a_report_of_plans() -> None:
    assert SUITE.languages == ("en", "zh")
    for language in SUITE.languages:
        trials = SUITE.of(language)
        assert len(trials) >= 12
        assert {trial.plan.stance.value for trial in trials} == {"adverse", "favourable", "neutral"}
        assert {trial.plan.relation for trial in trials} >= {"is", "exceeds", "below", "contradicts", "absent"}


@pytest.mark.parametrize("trial", SUITE.trials, ids=lambda trial: trial.plan.key)
def test_right_wordings_pass_and_planted_errors_do_not(trial) -> None:  # type: ignore[no-untyped-def]
    for text in [trial.plan.rule_text, *readings(trial.plan.frame)]:
        assert trial.passes(text), text
        assert not trial.turns(text), text
    assert len(trial.planted) >= 2
    for text in trial.planted:
        assert not trial.passes(text), text


def test_the_suite_knows_a_turned_sense_by_itself() -> None:
    (trial,) = [each for each in SUITE.of("en") if each.plan.relation == "exceeds" and "limit" in each.plan.frame]
    assert trial.turns("Instalments would take {ratio.dsr_after_pct}, well within the limit of {limit.dsr_pct}.")


@pytest.mark.parametrize(
    ("change", "grade"),
    [
        ({}, "A"),
        ({"accepted": 19}, "A"),
        ({"accepted": 18}, "B"),
        ({"accepted": 12}, "C"),
        ({"accepted": 11}, "D"),
        ({"accepted": 0, "variety": 0.0, "rule_variety": 0.0}, "D"),
        ({"wrong": 1}, "D"),
        ({"caught": 39}, "D"),
        ({"variety": 0.7}, "B"),
        ({"variety": 0.3}, "D"),
        ({"seconds": 61.0}, "B"),
        ({"seconds": 601.0}, "D"),
    ],
)
def test_a_grade_asks_for_all_its_figures(change: dict[str, float], grade: str) -> None:
    assert replace(GOOD, **change).graded(SUITE.grades) == grade  # type: ignore[arg-type]


def test_what_is_measured_survives_its_record() -> None:
    assert Measured.from_json(GOOD.to_json()) == GOOD


def test_variety_counts_what_is_said_again() -> None:
    assert variety(["The rent is {a}.", "The fee is {b}."], "en") == pytest.approx(5 / 6)
    assert variety(["月供为{a}。", "月供为{b}。"], "zh") == 0.5
    assert variety([], "en") == 0.0
