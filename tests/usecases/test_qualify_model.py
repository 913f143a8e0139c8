"""Qualifying a model: what it words is measured, graded and signed; a record that was touched counts for nothing."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from app.adapters.package_checker import PackageChecker
from app.adapters.signing_keys import PersonSigner, create_signer
from app.domain.qualification import Qualification, record_then
from app.errors import Cancelled, EnvironmentFault, InputError
from app.ports import Workspace
from app.usecases.qualify_model import Candidate, QualifyModel, qualification_of, qualify_model
from data.qualification_suite import load_suite
from local_models.drafting import to_marks
from local_models.scripted import ScriptedModel, broken_model
from tests.doubles import FixedClock, MemoryWorkspace, as_workspace

SUITE = load_suite()
MODEL = Candidate("scripted", "5" * 64, "", "frames")


@pytest.fixture
def workspace() -> Workspace:
    return as_workspace(MemoryWorkspace())


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> PersonSigner:
    return create_signer(tmp_path_factory.mktemp("keys"), bytes(32), "Anna", "underwriter")


def answers(language: str) -> list[str]:
    """The rule sentences as a model would give them, the first twice: it is asked once to load the model."""
    said = [to_marks(trial.plan.rule_text, trial.plan) for trial in SUITE.of(language)]
    return [said[0], *said]


def qualified(
    workspace: Workspace, signer: PersonSigner, said: list[Any], language: str = "en", **options: Any
) -> Qualification:
    command = QualifyModel(MODEL, (language,), {"processor": "p"})
    model = said if isinstance(said, ScriptedModel) else ScriptedModel(said)
    return qualify_model(command, workspace, model, SUITE, signer, clock=FixedClock(), **options)


def kept(workspace: Workspace, candidate: Candidate = MODEL) -> Qualification | None:
    with workspace.read() as stores:
        return qualification_of(candidate, stores.settings, PackageChecker())


def test_a_model_that_words_all_plans_is_admitted_and_its_record_is_kept(
    workspace: Workspace, signer: PersonSigner
) -> None:
    record = qualified(workspace, signer, answers("en"), memory_used=lambda: 123)
    (english,) = record.measured
    assert (record.grade, record.admitted, record.memory, record.person) == ("A", ("en",), 123, "Anna")
    assert (english.accepted, english.plans, english.wrong) == (12, 12, 0)
    assert english.caught == english.planted == 24
    assert english.variety == english.rule_variety
    assert kept(workspace) == record
    with workspace.read() as stores:
        (event,) = [each for each in stores.events.of_case(None) if each.what == "model.qualified"]  # type: ignore[arg-type]
    assert event.detail["admitted"] == ["en"]


def test_languages_are_admitted_one_by_one(workspace: Workspace, signer: PersonSigner) -> None:
    qualified(workspace, signer, answers("en"))
    record = qualified(workspace, signer, ["胡言乱语"], "zh")
    assert record.admitted == ("en",)
    assert [(each.language, each.grade) for each in record.measured] == [("en", "A"), ("zh", "D")]
    assert qualified(workspace, signer, answers("zh"), "zh").admitted == ("en", "zh")
    assert qualified(workspace, signer, ["Nonsense."]).admitted == ("zh",)


@pytest.mark.parametrize("said", ["", "[A] [A] [A]", "The applicant is a good person.", "□" * 2000])
def test_a_model_that_loops_or_says_nothing_may_not_word(workspace: Workspace, signer: PersonSigner, said: str) -> None:
    assert qualified(workspace, signer, [said]).admitted == ()


def test_a_wrong_sense_that_passed_the_checks_costs_the_admission(
    workspace: Workspace, signer: PersonSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.domain.qualification.Trial.turns", lambda trial, template: "rent" not in template)
    assert qualified(workspace, signer, answers("en")).admitted == ()


def test_checks_that_let_a_planted_error_through_admit_nobody(
    workspace: Workspace, signer: PersonSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.domain.qualification.Trial.passes", lambda trial, template: True)
    record = qualified(workspace, signer, answers("en"))
    assert record.measured[0].caught == 0
    assert record.admitted == ()


def test_a_model_that_fails_or_is_cancelled_keeps_no_record(workspace: Workspace, signer: PersonSigner) -> None:
    with pytest.raises(EnvironmentFault):
        qualified(workspace, signer, broken_model())  # type: ignore[arg-type]

    def stop(done: int, total: int | None, what: str) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        qualified(workspace, signer, answers("en"), progress=stop)
    assert kept(workspace) is None


def test_an_unknown_language_is_refused(workspace: Workspace, signer: PersonSigner) -> None:
    with pytest.raises(InputError, match="no plans in fr"):
        qualified(workspace, signer, answers("en"), "fr")


@pytest.mark.parametrize("part", ["grade", "signature", "form"])
def test_a_record_that_was_touched_counts_for_nothing(workspace: Workspace, signer: PersonSigner, part: str) -> None:
    qualified(workspace, signer, ["Nonsense."])
    with workspace.transaction() as stores:
        (envelope,) = json.loads(stores.settings.get(MODEL.key))
        payload = base64.b64decode(envelope["payload"])
        if part == "grade":
            envelope["payload"] = base64.b64encode(payload.replace(b'"D"', b'"A"')).decode()
        elif part == "signature":
            envelope["signatures"][0]["sig"] = base64.b64encode(bytes(64)).decode()
        stores.settings.put(MODEL.key, "{broken" if part == "form" else json.dumps([envelope]))
    with pytest.raises(InputError, match="not as it was signed"):
        kept(workspace)


def test_after_a_record_that_cannot_be_read_the_model_is_qualified_anew(
    workspace: Workspace, signer: PersonSigner
) -> None:
    with workspace.transaction() as stores:
        stores.settings.put(MODEL.key, "{broken")
    record = qualified(workspace, signer, answers("en"))
    assert kept(workspace) == record


def test_another_adapter_or_style_is_not_what_was_qualified(workspace: Workspace, signer: PersonSigner) -> None:
    qualified(workspace, signer, answers("en"))
    assert kept(workspace, Candidate("scripted", "5" * 64, "a" * 64, "frames")) is None
    assert kept(workspace, Candidate("scripted", "5" * 64, "", "free")) is None


def test_a_package_takes_the_record_that_stood_at_the_decision(workspace: Workspace, signer: PersonSigner) -> None:
    record = qualified(workspace, signer, answers("en"))
    with workspace.read() as stores:
        all_kept = stores.settings.get(MODEL.key)
    at = FixedClock().now()
    found = record_then(all_kept, at.replace(year=at.year + 1))
    assert found is not None
    assert Qualification.from_json(json.loads(base64.b64decode(found["payload"]))) == record
    assert record_then(all_kept, at.replace(year=at.year - 1)) is None
    assert record_then("", at) is None


def test_the_key_of_the_record_stands_beside_its_signature(
    workspace: Workspace, signer: PersonSigner, tmp_path: Path
) -> None:
    qualified(workspace, signer, answers("en"))
    with workspace.read() as stores:
        (envelope,) = json.loads(stores.settings.get(MODEL.key))
    assert envelope["key"].encode() == signer.public_key_pem()
