"""The real worker killed at fifty random moments, the same ones at every run: the report is complete each time."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from app.domain.report import Report
from app.domain.sentences import Author, Sentence
from app.usecases.draft_report import DraftReport, draft_report
from data.checking_words import load_lexicon
from data.phrases import load_phrases
from local_models.catalogue import BUNDLED, TAUGHT
from local_models.client import LocalModel
from tests.doubles import FixedClock
from tests.usecases.test_draft_report import WANTED, a_workspace

pytestmark = [
    pytest.mark.model,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there"),
    pytest.mark.skipif(
        not BUNDLED.file.exists(), reason="the bundled model is not fetched: python -m local_models.fetch"
    ),
]
PHRASES = load_phrases()
MOMENTS = ("start", "prompt", "word", "sentence")
PARTS = [(TAUGHT, 11)] * 4 + [("free", 6)]  # style, and how often its worker is killed


@dataclass
class Killer:
    """Kills the model's worker at each of its moments in turn: a kind of moment, and how far into it."""

    model: LocalModel
    moments: list[tuple[str, float]]
    killed: list[str] = field(default_factory=list)
    words: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """A thread's work: kill workers that start."""
        seen: object = None
        while not self.ended.wait(0.005):
            child = self.model._child
            if child is not seen and child is not None and self.next() == "start":
                time.sleep(0.5 * self.moments[0][1])
                self.kill()
            seen = child

    def next(self) -> str:
        return self.moments[0][0] if self.moments else ""

    def kill(self) -> None:
        child = self.model._child
        if child is not None and child.alive():
            os.kill(child.pid, signal.SIGKILL)
            self.killed.append(self.moments.pop(0)[0])
            self.words = 0

    def on_token(self, _: str) -> None:
        self.words += 1
        if self.next() == "word" and self.words > 8 * self.moments[0][1]:
            self.kill()

    def on_sentence(self, _: Sentence) -> None:
        if self.next() == "sentence":
            self.kill()
        elif self.next() == "prompt":  # of the sentence that comes
            threading.Timer(0.03 * self.moments[0][1], self.kill_in_prompt).start()

    def kill_in_prompt(self) -> None:
        with contextlib.suppress(OSError):
            if self.next() == "prompt":
                self.kill()


@pytest.fixture(scope="module")
def models() -> Iterator[dict[str, LocalModel]]:
    opened = {style: LocalModel(replace(BUNDLED, style=style), threads=1) for style in dict(PARTS)}
    yield opened
    for model in opened.values():
        model.close()


def drafted(model: LocalModel, killer: Killer | None = None) -> Report:
    workspace, case_id = a_workspace()
    hear = {"on_token": killer.on_token, "on_sentence": killer.on_sentence} if killer else {}
    report = draft_report(
        DraftReport(case_id),
        workspace,
        model,
        phrases=PHRASES,
        lexicon=load_lexicon(),
        clock=FixedClock(),
        **hear,  # type: ignore[arg-type]
    )
    with workspace.read() as stores:
        assert stores.reports.get(case_id) == report
    return report


@pytest.mark.timeout(900)  # each kill costs a start of the worker, which takes long on a busy machine
@pytest.mark.parametrize("part", range(len(PARTS)))
def test_a_worker_killed_at_random_moments_costs_no_sentence(models: dict[str, LocalModel], part: int) -> None:
    style, wanted = PARTS[part]
    model, chance = models[style], random.Random(20261122 + part)
    expected = drafted(model)
    moments = [(MOMENTS[at % len(MOMENTS)], chance.random()) for at in range(wanted)]
    chance.shuffle(moments)
    killer = Killer(model, moments)
    watching = threading.Thread(target=killer.watch)
    watching.start()
    try:
        while killer.moments:
            report = drafted(model, killer)
            assert [sentence.key for sentence in report.sentences] == list(WANTED)
            for sentence in report.sentences:
                assert all(sentence.checks.values())
                assert sentence.author is Author.MODEL or sentence.fallback
            faults = [sentence for sentence in report.sentences if "not available" in str(sentence.fallback)]
            if model.style.name == TAUGHT and not faults:
                assert report == expected
    finally:
        killer.ended.set()
        watching.join()
    assert len(killer.killed) == wanted
    assert set(killer.killed) == set(MOMENTS)
    assert drafted(model) == expected
