"""Drafting with a model that words freely: side by side, heard in reading order, asked again where a check fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from app.domain.sentences import Author, Sentence
from app.errors import Cancelled, EnvironmentFault
from app.wording_ports import Wording, WordingRequest
from local_models.drafting import style_named
from local_models.scripted import ScriptedModel
from tests.usecases.test_draft_report import WANTED, a_workspace, draft

SAID = {  # by the subject of the finding
    "the loan that is asked for": "The request is for [A] over [B] with an instalment of [C].",
    "instalments after this loan against the policy limit": "Instalments at [A] of income are above the limit of [B].",
    "income on the form against income on the documents": (
        "The form states a net income of [A], but the documents show [B], a gap of [C]."
    ),
    "no credit history": "The file shows no credit history.",
}


class FreeReader(ScriptedModel):
    """Answers a batch from the last request to the first; the first answers to ``spoiled`` subjects are wrong."""

    def __init__(self, spoiled: dict[str, int] | None = None) -> None:
        super().__init__(style=style_named("free"))
        self.spoiled = dict(spoiled or {})
        self.batches: list[list[float]] = []

    def word_together(
        self,
        requests: Sequence[WordingRequest],
        *,
        seeds: Sequence[int],
        temperature: float,
        on_answer: Callable[[int, Wording], None],
        on_token: Callable[[int, str], None] | None = None,
    ) -> None:
        self.batches.append([temperature] * len(requests))
        for place in reversed(range(len(requests))):
            notes = requests[place].prompt[requests[place].shared :]
            subject = next(subject for subject in SAID if subject in notes)
            wrong = self.spoiled.get(subject, 0)
            self.spoiled[subject] = wrong - 1
            text = "There are 500 of them." if wrong > 0 else SAID[subject]
            for word in text.split():
                if on_token is not None:
                    on_token(place, f"{word} ")
            on_answer(place, Wording(text, len(text.split()), 0.1, "stop"))


def by_key(sentences: Sequence[Sentence]) -> dict[str, Sentence]:
    return {sentence.key: sentence for sentence in sentences}


def test_one_batch_words_all_and_the_words_come_in_reading_order() -> None:
    workspace, case_id = a_workspace()
    model, heard, words = FreeReader(), [], []  # type: ignore[var-annotated]
    report = draft(workspace, case_id, model, on_sentence=heard.append, on_token=words.append)
    assert [s.author for s in report.sentences] == [Author.MODEL] * len(WANTED)
    assert [len(batch) for batch in model.batches] == [len(WANTED)]
    assert tuple(heard) == report.sentences
    order = ["The request", "Instalments", "The form", "The file"]
    said = "".join(words)
    assert sorted(order, key=said.index) == [o for _, o in sorted((said.index(o), o) for o in order)]
    assert said.index("The request") < said.index("The file shows")


def test_a_wording_that_fails_is_asked_for_again_and_then_the_rule_sentence_stands() -> None:
    workspace, case_id = a_workspace()
    model = FreeReader({"no credit history": 1, "the loan that is asked for": 9})
    report = by_key(draft(workspace, case_id, model).sentences)
    assert report["history.absent"].author is Author.MODEL
    assert report["request.terms"].author is Author.RULE
    assert report["request.terms"].rejected == "There are 500 of them."
    assert [len(batch) for batch in model.batches] == [4, 2, 1]
    assert model.batches[0][0] == 0.0  # the likeliest words first
    assert model.batches[1][0] > 0.0


def test_a_model_that_stops_leaves_the_rule_sentences() -> None:
    class Stopping(FreeReader):
        def word_together(self, requests: Sequence[WordingRequest], **options: Any) -> None:
            options["on_answer"](0, Wording(SAID["the loan that is asked for"], 9, 0.1, "stop"))
            raise EnvironmentFault("The model stopped twice.")

    workspace, case_id = a_workspace()
    sentences = draft(workspace, case_id, Stopping()).sentences
    assert [s.author for s in sentences] == [Author.MODEL, *[Author.RULE] * 3]
    assert all("stopped twice" in (s.fallback or "") for s in sentences[1:])


def test_a_batch_can_be_cancelled() -> None:
    workspace, case_id = a_workspace()

    def cancel(done: int, total: int, what: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        draft(workspace, case_id, FreeReader(), progress=cancel)
    with workspace.read() as stores:
        stored = stores.reports.get(case_id)
    assert stored is not None
    assert all(s.author is Author.RULE for s in stored.sentences)
