"""The real bundled model behind the real worker. Skipped only where its file has not been fetched."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.facts import Stance
from app.domain.plan import SentencePlan, Slot
from app.domain.planning import CaseFile, build_plan
from app.domain.rendering import Prose
from app.domain.report import Report
from app.errors import Cancelled, EnvironmentFault
from app.ports import Workspace
from app.usecases.draft_report import DraftReport, draft_report
from app.wording_ports import Wording, WordingRequest
from data.checking_words import load_lexicon
from data.phrases import load_phrases
from local_models.catalogue import BUNDLED
from local_models.client import LocalModel
from local_models.drafting import FreeStyle, style_named
from local_models.grammar import frame_grammar, free_grammar
from tests.domain.report_cases import FINDINGS, a_case, every_fact, every_finding
from tests.doubles import FixedClock, load_catalogue
from tests.usecases.test_draft_report import a_workspace

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(
        not BUNDLED.file.exists(), reason="the bundled model is not fetched: python -m local_models.fetch"
    ),
]
CATALOGUE, PHRASES, LEXICON = load_catalogue(), load_phrases(), load_lexicon()
SUBJECTS = (
    "The rent",
    "The salary",
    "The score",
    "The limit",
    "The term",
    "The rate",
    "The debt",
    "The fee",
    "The age",
)
CODES = ("request.terms", "affordability.exceeds_limit", "history.thin")


@pytest.fixture(scope="module")
def model() -> Iterator[LocalModel]:
    with LocalModel(BUNDLED) as opened:
        yield opened


def plans(codes: tuple[str, ...]) -> list[SentencePlan]:
    facts = every_fact()
    findings = [f for f in every_finding(facts) if f.code in codes]
    return list(build_plan(CaseFile(a_case(), facts, findings), CATALOGUE, PHRASES, "en").sentences)


def request_for(model: LocalModel, plan: SentencePlan) -> WordingRequest:
    prose = Prose(CATALOGUE, PHRASES, "en")
    request = model.style.request(plan, {slot.name: prose.label(slot.name) for slot in plan.slots}, "en")
    assert request is not None
    return request


def word(model: LocalModel, request: WordingRequest, *, seed: int = 0, temperature: float = 0.0) -> Wording:
    return model.word(
        request.prompt,
        request.grammar,
        seed=seed,
        max_tokens=request.max_tokens,
        temperature=temperature,
        shared=request.shared,
    )


def draft(model: LocalModel, workspace: Workspace, case_id: str, seed: int = 0) -> Report:
    command = DraftReport(case_id, seed=seed)
    return draft_report(command, workspace, model, phrases=PHRASES, lexicon=LEXICON, clock=FixedClock())


def test_a_report_is_worded_and_every_sentence_passes(model: LocalModel) -> None:
    report = draft(model, *a_workspace(codes=CODES))
    by_model = [s for s in report.sentences if s.author.value == "model"]
    assert len(by_model) == len(report.sentences) == len(CODES)
    assert all(all(s.checks.values()) for s in report.sentences)
    assert report.model is not None
    assert report.model.sha256 == BUNDLED.sha256
    assert report.tokens > 50


def test_the_same_inputs_give_the_same_bytes_in_another_process_and_order(model: LocalModel) -> None:
    requests = [request_for(model, plan) for plan in plans(CODES)]
    there = [word(model, request).text for request in requests]
    back = [word(model, request).text for request in reversed(requests)]
    with LocalModel(BUNDLED) as other:
        again = [word(other, request).text for request in requests]
    assert back[::-1] == there
    assert again == there


def test_the_number_of_threads_changes_no_byte(model: LocalModel) -> None:
    requests = [request_for(model, plan) for plan in plans(CODES)]
    with LocalModel(BUNDLED, threads=model._threads + 1) as other:
        assert [word(other, request).text for request in requests] == [word(model, r).text for r in requests]


def test_a_sentence_cancelled_half_way_leaves_nothing_in_the_next(model: LocalModel) -> None:
    request, other = (request_for(model, plan) for plan in plans(CODES)[:2])
    expected = word(model, request).text

    def stop(_: str) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        model.word(other.prompt, other.grammar, seed=0, max_tokens=99, temperature=0.0, shared=0, on_token=stop)
    assert word(model, request).text == expected


def test_a_seed_gives_another_wording_and_the_same_one_again(model: LocalModel) -> None:
    (request, *_) = [request_for(model, plan) for plan in plans(("affordability.exceeds_limit",))][1:]
    texts = [word(model, request, seed=seed, temperature=0.7).text for seed in range(1, 6)]
    assert len(set(texts)) > 1
    assert word(model, request, seed=3, temperature=0.7).text == texts[2]


def test_tokens_stream_as_they_come(model: LocalModel) -> None:
    request = request_for(model, plans(("history.thin",))[-1])
    heard: list[str] = []
    answer = model.word(
        request.prompt, request.grammar, seed=0, max_tokens=request.max_tokens, temperature=0.0, on_token=heard.append
    )
    assert "".join(heard) == answer.text
    assert len(heard) > 3


def test_free_words_stay_within_their_grammar(model: LocalModel) -> None:
    (plan,) = [plan for plan in plans(("affordability.exceeds_limit",)) if plan.key.startswith("afford")]
    prose = Prose(CATALOGUE, PHRASES, "en")
    request = FreeStyle().request(plan, {slot.name: prose.label(slot.name) for slot in plan.slots}, "en")
    assert request is not None
    answer = word(model, request)
    assert answer.text.count("[A]") == answer.text.count("[B]") == 1
    assert not any(c.isdigit() for c in answer.text)


def test_cancel_stops_the_real_worker(model: LocalModel) -> None:
    endless = 'root ::= "a" ([a-z] | " ")*\n'
    begun = threading.Event()
    stopped: list[float] = []

    def work() -> None:
        with pytest.raises(Cancelled):
            model.word("Say:", endless, seed=0, max_tokens=1500, temperature=0.0, on_token=lambda _: begun.set())
        stopped.append(time.perf_counter())

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(60)
    asked = time.perf_counter()
    model.cancel()
    thread.join(timeout=60)
    assert stopped[0] - asked < 2  # 1,500 tokens would take longer; bench/ measures it
    assert word(model, request_for(model, plans(("history.thin",))[-1])).text


def test_a_worker_killed_in_the_middle_of_a_draft_changes_nothing_of_it(model: LocalModel) -> None:
    expected = draft(model, *a_workspace(codes=CODES))
    killed: list[int] = []

    def kill(_: object) -> None:
        if not killed and model._child is not None:
            killed.append(model._child.pid)
            os.kill(model._child.pid, 9)

    workspace, case_id = a_workspace(codes=CODES)
    report = draft_report(
        DraftReport(case_id),
        workspace,
        model,
        phrases=PHRASES,
        lexicon=LEXICON,
        clock=FixedClock(),
        on_sentence=kill,
        on_token=kill,
    )
    assert killed
    assert report == expected


def test_a_grammar_the_runtime_refuses_is_a_fault_not_a_crash(model: LocalModel) -> None:
    with pytest.raises(EnvironmentFault, match="grammar"):
        model.word("Say:", "root ::= ((", seed=0, max_tokens=5, temperature=0.0)


def test_a_prompt_beyond_the_context_is_a_fault(model: LocalModel) -> None:
    with pytest.raises(EnvironmentFault, match="longer than"):
        model.word("word " * 5000, 'root ::= "a"', seed=0, max_tokens=5, temperature=0.0)


def test_a_file_that_only_begins_like_a_model_is_a_fault(tmp_path: Path) -> None:
    import hashlib

    content = b"GGUF" + os.urandom(5000)
    (tmp_path / "x.gguf").write_bytes(content)
    spec = replace(BUNDLED, name="x", file=tmp_path / "x.gguf", sha256=hashlib.sha256(content).hexdigest())
    with LocalModel(spec) as broken, pytest.raises(EnvironmentFault):
        broken.word("Say:", 'root ::= "a"', seed=0, max_tokens=5, temperature=0.0)


def test_a_memory_cap_too_small_for_the_model_is_a_fault() -> None:
    with LocalModel(replace(BUNDLED, ram_mb=120)) as small, pytest.raises(EnvironmentFault):
        small.word("Say:", 'root ::= "a"', seed=0, max_tokens=5, temperature=0.0)


@pytest.mark.slow
def test_every_frame_of_the_phrase_book_is_a_grammar_the_runtime_takes(model: LocalModel) -> None:
    frames = [phrase.frame for entry in PHRASES.entries.values() for phrase in entry.phrases["en"]]
    assert len(frames) > len(FINDINGS)
    for frame in frames:
        grammar = frame_grammar(frame)
        answer = model.word("Say: ", grammar, seed=0, max_tokens=400, temperature=0.0)
        assert answer.stopped == "stop", frame


def test_choices_are_weighed_alike_each_time_and_nothing_else_comes_out(model: LocalModel) -> None:
    prompt = "The capital of France is"
    weights = model.weigh(prompt, [" Paris", " seven", " yellow"], shared=4)
    assert sum(weights) == pytest.approx(1)
    assert max(weights) == weights[0]
    assert model.weigh(prompt, [" Paris", " seven", " yellow"], shared=4) == weights
    with pytest.raises(EnvironmentFault, match="tell the choices apart"):
        model.weigh(prompt, [" Paris", " Paris"])


def test_sentences_worded_side_by_side_are_the_same_each_time_and_come_once_each(model: LocalModel) -> None:
    grammar = free_grammar(["[A]"], "en")
    asked = [WordingRequest(f"Report.\n{subject} is [A].\n", grammar, 40, len("Report.\n")) for subject in SUBJECTS]
    runs = []
    for _ in range(2):
        answers: dict[int, Wording] = {}
        streamed: dict[int, str] = {}

        def answered(place: int, wording: Wording, answers: dict[int, Wording] = answers) -> None:
            assert place not in answers
            answers[place] = wording

        def heard(place: int, piece: str, streamed: dict[int, str] = streamed) -> None:
            streamed[place] = streamed.get(place, "") + piece

        model.word_together(asked, seeds=[0] * len(asked), temperature=0.0, on_answer=answered, on_token=heard)
        assert set(answers) == set(range(len(asked)))
        assert {place: wording.text for place, wording in answers.items()} == streamed
        runs.append([answers[place].text for place in sorted(answers)])
    assert runs[0] == runs[1]
    assert all(text.count("[A]") == 1 for text in runs[0] if text.endswith("."))


def test_a_batch_is_cancelled_as_a_whole(model: LocalModel) -> None:
    asked = [WordingRequest(f"{subject}: ", free_grammar([], "en"), 200, 0) for subject in SUBJECTS]

    def stop(place: int, piece: str) -> None:
        model.cancel()

    with pytest.raises(Cancelled):
        model.word_together(
            asked, seeds=[0] * len(asked), temperature=0.0, on_answer=lambda place, wording: None, on_token=stop
        )
    again = model.word("Rent: ", free_grammar([], "en"), seed=0, max_tokens=8, temperature=0.0)
    assert again.tokens


def taught_requests() -> list[WordingRequest]:
    """Two comparisons as the adapter is asked for them."""
    style, requests = style_named("taught"), []
    for relation, limit in (("exceeds", "policy limit"), ("below", "minimum required")):
        slots = (Slot("measured", "a"), Slot("limit", "b"))
        plan = SentencePlan("k", "capacity", relation, Stance.ADVERSE, slots, (), None, "", "share of income")
        labels, kinds = {"measured": "share of income", "limit": limit}, dict.fromkeys(("measured", "limit"), "percent")
        request = style.request(plan, labels, "en", kinds)
        assert request is not None
        requests.append(request)
    return requests


def together(model: LocalModel, requests: list[WordingRequest]) -> list[str]:
    found: dict[int, str] = {}
    model.word_together(
        requests, seeds=[0] * len(requests), temperature=0.0, on_answer=lambda at, said: found.update({at: said.text})
    )
    return [found[at] for at in range(len(requests))]


def test_the_adapter_words_comparisons_around_their_names(model: LocalModel) -> None:
    above, below = together(model, taught_requests())
    assert all(part in above.lower() for part in ("share of income", "policy limit", "[a]", "[b]"))
    assert all(part in below.lower() for part in ("share of income", "minimum required", "[a]", "[b]"))
    assert above != below


def test_frames_read_the_same_before_and_after_the_adapter_was_at_work(model: LocalModel) -> None:
    requests = [request_for(model, plan) for plan in plans(CODES)[:3]]
    before = [word(model, request).text for request in requests]
    taught = together(model, taught_requests())
    assert [word(model, request).text for request in requests] == before
    assert together(model, taught_requests()) == taught


def test_an_altered_adapter_leaves_frames_and_says_why(tmp_path: Path) -> None:
    assert BUNDLED.adapter is not None
    broken = tmp_path / "adapter.gguf"
    broken.write_bytes(BUNDLED.adapter.read_bytes()[:-1] + b"\0")
    with LocalModel(replace(BUNDLED, adapter=broken)) as opened:
        assert opened.adapter_fault is not None
        assert opened.style.name == "frames"
        assert opened.adapter_sha256 == ""
        assert "not the one expected" in opened.adapter_fault.message
        report = draft(opened, *a_workspace())
    assert any(sentence.author.value == "model" for sentence in report.sentences)
