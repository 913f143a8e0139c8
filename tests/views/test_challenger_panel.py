"""The challenger on the case: beside the score, as a finding, and run when a person opens the case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.domain.challenger import ChallengerScore, Contribution, KeptChallenger
from app.domain.changes import Changes
from app.errors import EnvironmentFault
from app.usecases.use_challenger import UseChallenger, use_challenger
from tests.challengers import SteadyChallenger
from tests.views.case_fixture import CASE_ID
from tests.views.case_stage import Stage
from views.panels.challenger_panel import MOST_BARS
from views.parts.contributions_chart import signed
from views.strings import use_language

NAMES = ("employment.seniority_years", "employment.type", "request.term_months", "request.amount")


class Gloomy(SteadyChallenger):
    """It sees a bad case in everybody, for nine reasons."""

    def __init__(self) -> None:
        super().__init__(-3.0, *NAMES)

    def score(self, values: Any) -> ChallengerScore:
        said = super().score(values)
        parts = tuple(Contribution(name, (-1) ** at * (at + 1) / 10) for at, name in enumerate((*NAMES, *"vwxyz")))
        return ChallengerScore(said.challenger, said.sha256, said.pd, -3.0, 1.25, parts, unseen=("employment.type",))


@pytest.fixture
def judged(stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The drawn case, assessed, with a challenger that runs from now on."""
    at = stage()
    at.desk.assess(CASE_ID)
    with at.workspace.transaction() as stores:
        stores.challengers.keep(a_kept(), b"")
    monkeypatch.setattr(at.desk.challengers, "_loaded", lambda _: Gloomy())
    put_in_use(at, a_kept())
    return at


def a_kept() -> KeptChallenger:
    return KeptChallenger(SteadyChallenger.sha256, "steady", "ann", "2026-10-28T09:00:00+00:00")


def put_in_use(at: Stage, kept: KeptChallenger | None) -> None:
    command = UseChallenger(kept, at.desk.scorecard(), "ann")
    use_challenger(command, at.workspace, clock=at.desk.clock)


def test_a_case_that_is_opened_shows_it(judged: Stage) -> None:
    judged.open()
    judged.show_tab("scorecard")
    panel, view = judged.screen.scorecard.challenger, judged.screen.view
    assert view is not None
    assert view.score is not None
    assert panel.isVisible()
    assert panel.said.text() == "steady: PD 95.3 %, grade E"
    assert (
        panel.card.text()
        == f"Scorecard: PD {float(view.score.pd):.1%}".replace("%", " %") + f", grade {view.score.grade}"
    )
    assert panel.verdict.text() == "Disagrees: it sees a worse case"
    assert "no part of the score" in panel.note.text()
    assert panel.unseen.text() == "It never met the value of: Employment"
    assert judged.screen.scorecard.jumps["challenger"].isVisible()
    judged.show_tab("overview")
    found = [row.title for row in judged.screen.overview.findings._rows]
    assert "A challenger disagrees" in found
    detail = next(row.detail for row in judged.screen.overview.findings._rows if row.title == "A challenger disagrees")
    assert detail.startswith("it sees a worse case, in shadow · ")


def test_its_bars_add_up_and_are_told(judged: Stage) -> None:
    judged.open()
    judged.show_tab("scorecard")
    chart = judged.screen.scorecard.challenger.chart
    bars = chart.bars()
    assert len(bars) == MOST_BARS + 1
    assert sum(bar.value for bar in bars) == pytest.approx(sum((-1) ** at * (at + 1) / 10 for at in range(9)))
    assert [bar.name for bar in bars][-1] == "3 others"
    assert "z: +0.90" in chart.accessibleDescription()
    assert chart.grab().width() > 0


def test_a_withdrawn_one_is_gone_when_the_case_is_opened_again(judged: Stage) -> None:
    judged.open()
    put_in_use(judged, None)
    judged.open()
    judged.screen.jobs.refresh_challenger()
    judged.settle()
    judged.show_tab("scorecard")
    assert not judged.screen.scorecard.challenger.isVisible()
    assert not judged.screen.scorecard.jumps["challenger"].isVisible()
    assert all("challenger" not in each.code for each in judged.screen.view.findings)  # type: ignore[union-attr]


def test_another_choice_reaches_the_case_that_is_open(judged: Stage) -> None:
    judged.open()
    judged.show_tab("scorecard")
    assert judged.screen.scorecard.challenger.isVisible()
    put_in_use(judged, None)
    judged.context.refresh.broadcast(Changes.SETTINGS)
    judged.settle()
    assert not judged.screen.scorecard.challenger.isVisible()


def test_a_challenger_that_cannot_run_is_told_once_and_the_case_opens(
    judged: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> Any:
        raise EnvironmentFault("It needs onnxruntime.", remedy="Install it.")

    monkeypatch.setattr(judged.desk.challengers, "_loaded", broken)
    judged.desk.warn = judged.context.tasks.errored.emit
    for _ in range(2):
        judged.open()
        judged.screen.jobs.refresh_challenger()
        judged.settle()
    assert [error.message for error in judged.errors] == [
        "The score stands; the challenger steady did not run beside it. It needs onnxruntime."
    ]
    assert judged.screen.view is not None
    assert judged.screen.view.score is not None


def test_it_gives_no_reason_for_a_decline(judged: Stage) -> None:
    judged.open()
    view = judged.screen.view
    assert view is not None
    assert view.shadow is not None
    others = tuple(each for each in view.findings if "challenger" not in each.code)
    assert len(others) == len(view.findings) - 1
    bare = replace(view, findings=others, shadow=None)
    assert judged.desk.propose_reasons(view) == judged.desk.propose_reasons(bare)


def test_it_speaks_chinese(judged: Stage) -> None:
    judged.open()
    judged.show_tab("scorecard")
    use_language("zh")
    judged.context.language = "zh"
    judged.context.refresh.language_changed.emit("zh")
    judged.settle()
    panel = judged.screen.scorecard.challenger
    assert panel.verdict.text() == "意见不同：它认为更差"
    assert panel.said.text() == "steady：违约概率 95.3 %，等级 E"


@pytest.mark.parametrize(("value", "told"), [(0.756, "+0.76"), (-0.244, "\u22120.24"), (-0.001, "+0.00")])
def test_a_contribution_is_told_with_its_sign(value: float, told: str) -> None:
    assert signed(value) == told
