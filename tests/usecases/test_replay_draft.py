"""Repeating a draft: each thing that changed since is named, people's sentences are left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domain.case import Status
from app.domain.facts import fact_from_json
from app.domain.findings import Finding
from app.domain.policy import PolicyResult
from app.domain.replay import Replay, Sameness
from app.domain.sentences import Author, Sentence
from app.errors import EnvironmentFault, InputError
from app.usecases.replay_draft import PastDraft, read_draft, replay_draft
from local_models.drafting import style_named
from tests.domain.report_cases import every_fact
from tests.doubles import FixedClock, load_catalogue
from tests.usecases.test_draft_report import LEXICON, PHRASES, GrammarReader, a_workspace, draft

CATALOGUE = load_catalogue()
POLICY = PolicyResult("p", "1", "0" * 64, "refer", (), None, None, None)


class LastReader(GrammarReader):
    """Takes other words than the first."""

    spoil = staticmethod(lambda text: text.replace(" ", "  ", 1))


def past(model: Any, seed: int = 0, workspace: Any = None, case_id: str = "") -> PastDraft:
    """A draft of the four findings, as a package tells of it."""
    if workspace is None:
        workspace, case_id = a_workspace()
    with workspace.transaction() as stores:
        stores.policies.keep_policy(POLICY.sha256, {})
        stores.policies.put(case_id, POLICY)
    report = draft(workspace, case_id, model, seed=seed)
    with workspace.read() as stores:
        case = replace(stores.cases.get(case_id), status=Status.SCORED)
        facts, findings = tuple(stores.facts.current(case_id)), tuple(stores.findings.of_case(case_id))
    return PastDraft(case, facts, findings, POLICY, report, ())


def again(draft_of_then: PastDraft, model: Any, missing: str = "") -> Replay:
    return replay_draft(
        draft_of_then, model, catalogue=CATALOGUE, phrases=PHRASES, lexicon=LEXICON, clock=FixedClock(), missing=missing
    )


def changed(then: PastDraft, at: int, **fields: Any) -> PastDraft:
    sentences = list(then.report.sentences)
    sentences[at] = replace(sentences[at], **fields)
    return replace(then, report=replace(then.report, sentences=tuple(sentences)))


def states(result: Replay) -> dict[str, Sameness]:
    return {setting.what: setting.state for setting in result.settings}


def test_the_same_model_gives_the_same_report() -> None:
    then = past(GrammarReader())
    result = again(then, GrammarReader())
    assert result.identical is True
    assert result.same == len(then.report.sentences)
    assert set(states(result).values()) == {Sameness.SAME}


def test_a_package_that_holds_only_the_facts_in_use_judges_as_the_draft_did() -> None:
    class Claiming(GrammarReader):
        """Names a thing that a fact in the case gives and none that the report uses."""

        spoil = staticmethod(lambda text: f"{text.rstrip('.')}, and the bureau lists accounts.")

    workspace, case_id = a_workspace(credit_file=True)
    then = past(Claiming(), workspace=workspace, case_id=case_id)
    used = {fact for sentence in then.report.sentences for fact in sentence.facts}
    used |= {fact for finding in then.findings for fact in finding.facts}
    assert used < {fact.id for fact in then.facts}
    thin = replace(then, facts=tuple(fact for fact in then.facts if fact.id in used))
    result = again(thin, Claiming())
    assert result.differences == ()
    assert result.identical is True


def test_a_model_that_words_otherwise_is_told_with_both_texts() -> None:
    result = again(past(GrammarReader()), LastReader())
    assert result.identical is False
    assert all(d.then and d.now for d in result.differences)
    assert {d.why for d in result.differences} == {"the model worded it otherwise"}


def test_a_changed_value_is_told_as_one() -> None:
    then = past(None)
    result = again(changed(then, 1, text=then.report.sentences[1].text.replace("47", "46")), None)
    assert [(d.key, d.why) for d in result.differences] == [
        (then.report.sentences[1].key, "a value or its form differs")
    ]


def test_another_model_file_and_runtime_are_named() -> None:
    model = GrammarReader(sha256="6" * 64, runtime="scripted 2")
    result = again(past(GrammarReader()), model)
    assert {what for what, state in states(result).items() if state is Sameness.DIFFERS} == {"model", "runtime"}
    assert result.identical is True


def test_another_adapter_is_told_and_so_is_one_that_is_gone() -> None:
    then = past(GrammarReader(adapter_sha256="a" * 64))
    for now, state in (("a" * 64, Sameness.SAME), ("b" * 64, Sameness.DIFFERS), ("", Sameness.MISSING)):
        settings = {s.what: s for s in again(then, GrammarReader(adapter_sha256=now)).settings}
        assert settings["adapter"].state is state
        assert settings["adapter"].then == "a" * 64
    assert "adapter" not in states(again(past(GrammarReader()), GrammarReader()))


def test_another_style_changes_prompts_and_grammars() -> None:
    model = GrammarReader(style=style_named("free"))
    result = again(past(GrammarReader()), model)
    differs = {what for what, state in states(result).items() if state is Sameness.DIFFERS}
    assert {"style", "prompts", "grammars"} <= differs


def test_without_the_model_its_sentences_stay_open() -> None:
    result = again(past(GrammarReader()), None, "it was removed")
    assert (result.identical, result.same) == (None, 0)
    assert result.unworded == 5
    assert next(s.note for s in result.settings if s.what == "model") == "it was removed"


def test_a_changed_rule_sentence_shows_even_without_the_model() -> None:
    then = past(None)
    worded = changed(then, 0, author=Author.MODEL)
    run = past(GrammarReader()).report.model
    worded = replace(worded, report=replace(worded.report, model=run))
    result = again(changed(worded, 1, template="Other.", text="Other."), None)
    assert result.identical is False
    assert result.unworded == 1


def test_a_model_that_fails_all_along_is_an_error() -> None:
    model = GrammarReader()
    model.spoil = _failing  # type: ignore[assignment]  # a scripted fault in place of an answer
    with pytest.raises(EnvironmentFault):
        again(past(GrammarReader()), model)


def _failing(text: str) -> str:
    raise EnvironmentFault("The model stopped.")


def test_sentences_of_people_are_not_repeated() -> None:
    then = changed(past(None), 0, author=Author.PERSON, text="As agreed.", template="As agreed.")
    own = Sentence.from_json(then.report.sentences[0].to_json() | {"key": "person.1"})
    then = replace(then, report=replace(then.report, sentences=(*then.report.sentences, own)))
    result = again(then, None)
    assert (result.identical, result.by_person, result.same) == (True, 2, 4)


def test_a_sentence_a_person_removed_is_not_missed() -> None:
    then = past(None)
    gone = then.report.sentences[-1].key
    then = replace(then, report=replace(then.report, sentences=then.report.sentences[:-1]))
    assert [d.why for d in again(then, None).differences] == ["the report has no such sentence"]
    result = again(replace(then, removed=(gone,)), None)
    assert (result.identical, result.by_person) == (True, 1)


def test_sentences_in_another_order_are_told() -> None:
    then = past(None)
    then = replace(then, report=replace(then.report, sentences=then.report.sentences[::-1]))
    assert [d.why for d in again(then, None).differences] == ["the sentences stand in another order"]


def test_a_finding_that_left_the_case_since_is_named_by_its_sentence() -> None:
    then = past(None)
    gone = then.findings[-1].id
    result = again(replace(then, findings=then.findings[:-1]), None)
    assert [(d.key, d.why) for d in result.differences] == [(gone, "the plan has no such sentence now")]
    assert states(result)["plan"] is Sameness.DIFFERS


def test_what_an_older_package_does_not_record_is_said() -> None:
    then = past(None)
    result = again(replace(then, report=replace(then.report, basis=None)), None)
    assert result.identical is True
    assert set(states(result).values()) == {Sameness.UNRECORDED}


def test_facts_and_findings_come_back_from_json_as_they_were() -> None:
    facts = every_fact("C-2026-000001")
    assert [fact_from_json("C-2026-000001", fact.to_json(), CATALOGUE) for fact in facts] == facts
    then = past(None)
    assert tuple(Finding.from_json(finding.to_json()) for finding in then.findings) == then.findings


def test_parts_of_another_shape_are_refused_in_words() -> None:
    with pytest.raises(InputError, match="not the shape"):
        read_draft({"decision.json": {"case": {}}}, [], CATALOGUE)
