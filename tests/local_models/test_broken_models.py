"""Whatever a model does, the report is complete, says why it is by rule, and comes within the client's limits."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

import local_models.chat as chat
import local_models.client as client
from app.domain.report import Report
from app.domain.sentences import Author, State
from app.errors import EnvironmentFault
from local_models.catalogue import ModelSpec
from local_models.client import LocalModel
from local_models.talks import style_of
from tests.local_models.gguf_files import gguf
from tests.local_models.scripted_worker import ENDLESS, SPOILT
from tests.usecases.test_draft_report import WANTED, a_workspace, draft

WORKER = Path(__file__).with_name("scripted_worker.py")
STYLES = ("frames", "free")
LOOPING = "the risk is the risk is " * 40


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    return a_spec(tmp_path, gguf())


def a_spec(folder: Path, content: bytes) -> ModelSpec:
    (folder / "m.gguf").write_bytes(content)
    return ModelSpec("m", folder / "m.gguf", hashlib.sha256(content).hexdigest(), "MIT", ("en", "zh"))


@pytest.fixture
def opened() -> Iterator[list[LocalModel]]:
    models: list[LocalModel] = []
    yield models
    for model in models:
        model.close()
    assert not [child for child in psutil.Process().children() if "scripted_worker" in " ".join(child.cmdline())]


def drafted(opened: list[LocalModel], spec: ModelSpec, *behaviour: str, language: str = "en") -> Report:
    """What is drafted with a model that does so; all of it stands by rule, and is stored as it is returned."""
    opened.append(LocalModel(spec, command=[sys.executable, "-S", str(WORKER), *behaviour]))
    workspace, case_id = a_workspace(language)
    report = draft(workspace, case_id, opened[-1])
    assert [sentence.key for sentence in report.sentences] == list(WANTED)
    assert all(sentence.author is Author.RULE and all(sentence.checks.values()) for sentence in report.sentences)
    assert all(sentence.state is State.FALLEN_BACK and sentence.fallback for sentence in report.sentences)
    with workspace.read() as stores:
        assert stores.reports.get(case_id) == report
    return report


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("behaviour", ["exit", "mute", "babble", "refuse", "crash", "error"])
def test_a_model_that_ends_or_refuses(opened: list[LocalModel], spec: ModelSpec, behaviour: str, style: str) -> None:
    report = drafted(opened, replace(spec, style=style), behaviour)
    assert all("model not available" in str(sentence.fallback) for sentence in report.sentences)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("behaviour", SPOILT)
def test_a_model_that_answers_what_is_no_answer(
    opened: list[LocalModel], spec: ModelSpec, behaviour: str, style: str
) -> None:
    drafted(opened, replace(spec, style=style), behaviour)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("behaviour", ENDLESS)
def test_a_model_that_never_comes_to_an_end(
    opened: list[LocalModel], spec: ModelSpec, behaviour: str, style: str
) -> None:
    """Its process is ended, and what it said while nobody asked is bounded too."""
    drafted(opened, replace(spec, style=style), behaviour)
    assert opened[0]._child is None


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("said", ["", ".", LOOPING, "[A][A][A]", "{\ufffd\x1b[2J", "批准" * 200])
def test_a_model_that_answers_nothing_or_loops(
    opened: list[LocalModel], spec: ModelSpec, said: str, style: str
) -> None:
    language = "zh" if "批" in said else "en"
    report = drafted(opened, replace(spec, style=style), "says", said, language=language)
    assert not [s for s in report.sentences if "not available" in str(s.fallback)]


@pytest.mark.parametrize("style", STYLES)
def test_a_model_that_falls_silent_costs_its_limits_and_no_more(
    opened: list[LocalModel], spec: ModelSpec, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SILENCE_LIMIT", 0.2)
    report = drafted(opened, replace(spec, style=style), "deaf")
    assert "no answer for 0 seconds" in str(report.sentences[0].fallback)


def test_a_model_that_loads_for_ever_is_given_up_and_ended(
    opened: list[LocalModel], spec: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LOAD_LIMIT", 0.2)
    drafted(opened, spec, "loading")
    assert opened[0]._child is None


def test_a_worker_that_talks_while_nobody_asks_is_read_no_further_than_its_backlog(
    opened: list[LocalModel], spec: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "BACKLOG", 50)
    opened.append(LocalModel(spec, command=[sys.executable, "-S", str(WORKER), "tokens"]))
    with pytest.raises(EnvironmentFault, match="talked on without end"):
        opened[0].word("p", "g", seed=0, max_tokens=9, temperature=0.0)


HOSTILE = {
    "loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "attributes": "{{ ''.__class__.__mro__[1].__subclasses__() }}{{ messages.__init__.__globals__ }}",
    "writes": "{% for i in range(99999) %}{{ messages }}{% endfor %}",
    "memory": "{{ 'a' * 10 ** 10 }}",
    "reads": "{% include '/etc/passwd' %}",
    "recursion": "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    "syntax": "{% for",
    "swallows": "nothing of it",
    "twice": "{{ messages }}{{ messages }}",
}


@pytest.mark.parametrize("template", HOSTILE)
def test_a_model_whose_template_is_hostile_is_asked_without_it(
    opened: list[LocalModel], tmp_path: Path, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the template costs its time once, however many sentences there are."""
    monkeypatch.setattr(chat, "SECONDS", 1.0)
    rendered: list[str] = []
    render = chat.render_chat

    def counted(template: str, *given: object) -> str:
        rendered.append(template)
        return render(template, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(chat, "render_chat", counted)
    spec = replace(a_spec(tmp_path, gguf({"tokenizer.chat_template": HOSTILE[template]})), style="free", chat=True)
    drafted(opened, spec, "says", "")
    assert 1 <= len(rendered) <= 2


def test_a_model_file_that_is_gone_or_replaced_after_it_was_chosen(opened: list[LocalModel], spec: ModelSpec) -> None:
    free = replace(spec, style="free", chat=True)
    style_of(free)
    spec.file.unlink()
    drafted(opened, free, "says", "")
    spec.file.write_bytes(b"GGUF" + b"\xff" * 4000)
    drafted(opened, free, "says", "")
