"""The window's question box: answers with evidence that opens, what is not found, both languages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.errors import Cancelled, EnvironmentFault
from tests.views.case_fixture import CASE_ID, SHA, fact_id
from tests.views.case_stage import Stage
from views.parts.rendition import Place
from views.strings import tr
from views.tasks import PROGRESS_SECONDS
from views.theme import apply_theme, theme_named

SHOTS = Path(__file__).resolve().parents[2] / "build" / "screens"


@pytest.fixture
def asking(stage: Callable[..., Stage], qtbot: QtBot) -> Callable[..., Stage]:
    def open_tab(**how: str) -> Stage:
        made = stage(**how)
        made.open()
        made.show_tab("ask")
        return made

    return open_tab


def _ask(made: Stage, qtbot: QtBot, question: str) -> None:
    panel = made.screen.ask
    panel.box.setText(question)
    qtbot.keyClick(panel.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not panel.bar.isVisibleTo(panel), timeout=20_000)
    made.settle()


def _texts(made: Stage) -> list[str]:
    return [each.text() for each in made.screen.ask.answers.findChildren(QLabel)]


def _links(made: Stage) -> list[QPushButton]:
    return made.screen.ask.answers.findChildren(QPushButton)


def test_before_a_question_examples_can_be_asked(asking: Callable[..., Stage], qtbot: QtBot) -> None:
    made = asking()
    panel = made.screen.ask
    assert panel.hint.isVisibleTo(panel)
    first = panel.examples.findChildren(QPushButton)[0]
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(_links(made)), timeout=20_000)
    assert any("2,450.00 EUR" in text for text in _texts(made))


def test_a_fact_opens_its_card(asking: Callable[..., Stage], qtbot: QtBot) -> None:
    made = asking()
    _ask(made, qtbot, "What did the applicant claim to earn?")
    qtbot.mouseClick(_links(made)[0], Qt.MouseButton.LeftButton)
    made.settle()
    shown = made.screen.evidence.fact()
    assert shown is not None
    assert shown.id == fact_id("income.net_monthly_stated")


def test_a_passage_opens_its_document(asking: Callable[..., Stage], qtbot: QtBot) -> None:
    made = asking()
    places: list[tuple[str, Place]] = []
    made.screen.ask.place_chosen.connect(lambda sha256, place: places.append((sha256, place)))
    _ask(made, qtbot, "When did she go down to 75 percent?")
    qtbot.mouseClick(_links(made)[0], Qt.MouseButton.LeftButton)
    ((sha256, place),) = places
    assert (sha256, place.row) == (SHA["call"], 3)


def test_a_passage_of_a_page_lands_on_its_box(asking: Callable[..., Stage], qtbot: QtBot) -> None:
    made = asking()
    _ask(made, qtbot, "Since when is she an authorised accountant?")
    assert any("Authorised accountant, since 2019" in text for text in _texts(made))
    qtbot.mouseClick(_links(made)[0], Qt.MouseButton.LeftButton)
    page = made.screen.evidence.viewer.page
    qtbot.waitUntil(lambda: page.marked() is not None, timeout=20_000)
    made.settle()
    made.screen.resize(1600, 1000)
    made.settle()
    made.screen.grab().save(str(SHOTS / "ask-landed.png"))


def test_what_is_not_found_is_told_and_the_newest_stands_first(asking: Callable[..., Stage], qtbot: QtBot) -> None:
    made = asking()
    _ask(made, qtbot, "Any late payments?")
    _ask(made, qtbot, "Does she own a boat?")
    texts = _texts(made)
    assert texts[:2] == ["Does she own a boat?", "The file does not say."]
    assert "Any late payments?" in texts
    assert made.screen.ask.box.text() == ""


def test_a_blank_question_asks_nothing(asking: Callable[..., Stage], qtbot: QtBot) -> None:
    made = asking()
    _ask(made, qtbot, "   ")
    assert _texts(made) == []


def test_what_was_asked_stays_when_the_case_is_read_again(asking: Callable[..., Stage], qtbot: QtBot) -> None:
    made = asking()
    _ask(made, qtbot, "Who is the applicant?")
    made.open()
    made.show_tab("ask")
    assert "Who is the applicant?" in _texts(made)


class Meanings:
    """A model that tells of each text its length; it waits for ``go`` and can fail."""

    name, sha256 = "meanings", "c" * 64

    def __init__(self, fault: str = "") -> None:
        self.go, self.fault, self.told = threading.Event(), fault, 0

    def embed(self, texts: Sequence[str], *, question: bool = False) -> list[list[float]]:
        if self.fault:
            raise EnvironmentFault(self.fault)
        if self.told == 0:
            time.sleep(2 * PROGRESS_SECONDS)  # the first word of progress was too soon to be shown
        elif not self.go.wait(20):
            raise Cancelled
        self.told += len(texts)
        return [[float(len(text)), 1.0] for text in texts]

    def cancel(self) -> None:
        self.go.set()

    def close(self) -> None:
        self.go.set()


def _with_model(made: Stage, model: Meanings) -> None:
    asking = made.screen.ask._asking
    asking._embedder, asking._sought = model, True  # type: ignore[assignment]


def test_what_passages_mean_is_told_in_the_background_and_questions_need_not_wait(
    stage: Callable[..., Stage], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, model = stage(), Meanings()
    _with_model(made, model)
    monkeypatch.setattr("app.usecases.embed_passages.TOGETHER", 1)
    made.screen.open_case(CASE_ID)
    made.screen.show_tab("ask")
    panel = made.screen.ask
    qtbot.waitUntil(lambda: panel.learnt.text().startswith("Reading for meaning: 1 of"), timeout=20_000)
    panel.ask_this("What did the applicant claim to earn?")
    qtbot.waitUntil(lambda: bool(_links(made)), timeout=20_000)
    assert model.told == 1
    model.go.set()
    made.settle()
    assert panel.learnt.text() == ""
    assert model.told > 5
    told = model.told
    made.open()
    assert model.told == told, "each passage is put to it once"


def test_a_model_of_meaning_that_fails_is_told_and_words_are_searched(
    stage: Callable[..., Stage], qtbot: QtBot
) -> None:
    made = stage()
    _with_model(made, Meanings("The model of meaning gives no answer."))
    made.open()
    made.show_tab("ask")
    assert made.screen.ask.learnt.text() == "Searched by words only. The model of meaning gives no answer."
    _ask(made, qtbot, "When did she go down to 75 percent?")
    assert any("75" in text for text in _texts(made))
    assert "Searched by words only. The model of meaning gives no answer." in _texts(made)


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("en", "dark"), ("zh", "light"), ("zh", "dark")])
@pytest.mark.parametrize("size", [(1600, 1000), (1280, 720)])
def test_it_looks_right(
    asking: Callable[..., Stage], qtbot: QtBot, qapp: QApplication, language: str, theme: str, size: tuple[int, int]
) -> None:
    apply_theme(qapp, theme_named(theme))
    made = asking(language=language, theme=theme)
    assert ("Its words were not recognised" in tr("ask.lack.words")) == (language == "en")
    made.screen.resize(*size)
    empty = made.screen.grab()
    asked = {
        "en": (
            "What does the applicant earn?",
            "How old is she?",
            "Does she own a boat?",
            "When did she go down to 75 percent?",
        ),
        "zh": ("每月工资多少？", "她多大了？", "她有船吗？", "有没有逾期记录？"),
    }[language]
    for question in asked:
        _ask(made, qtbot, question)
    assert len(_links(made)) >= 2
    assert made.screen.ask.send.text() == tr("ask.send")
    SHOTS.mkdir(parents=True, exist_ok=True)
    made.screen.grab().save(str(SHOTS / f"ask-{language}-{theme}-{size[0]}.png"))
    empty.save(str(SHOTS / f"ask-empty-{language}-{theme}-{size[0]}.png"))
    apply_theme(qapp, theme_named("light"))
