"""Drafting on a scripted model: fall-backs, order, what is stored and what a fault does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.case import Status
from app.domain.report import ModelRun, Report
from app.domain.sentences import Author, Sentence, State
from app.errors import Cancelled, EnvironmentFault, InputError
from app.ports import Workspace
from app.usecases.draft_report import DraftReport, draft_by_rule, draft_report
from app.usecases.edit_sentence import EditSentence, edit_sentence
from data.checking_words import load_lexicon
from data.phrases import load_phrases
from local_models.scripted import ScriptedModel, broken_model
from tests.domain.report_cases import VALUES, every_fact, every_finding
from tests.doubles import FixedClock, MemoryWorkspace, as_workspace

PHRASES, LEXICON = load_phrases(), load_lexicon()
WANTED = ("request.terms", "affordability.exceeds_limit", "income.contradiction", "history.absent")


def a_workspace(
    language: str = "en", codes: tuple[str, ...] = WANTED, *, credit_file: bool = False
) -> tuple[Workspace, str]:
    """One case with the findings of those codes and the facts, those of a credit history only with ``credit_file``."""
    workspace = MemoryWorkspace()
    with workspace.transaction() as stores:
        case = stores.cases.add(
            reference="418",
            applicant="Karin Blom",
            product="instalment-loan",
            amount=None,
            currency="EUR",
            term_months=36,
            received_on=None,
            language=language,
        )
        facts = every_fact(case.id)
        without = "history.absent" in codes
        left_out = ("loan.rate_pct", "history." if without else "loan.rate_pct") if not credit_file else ("-",)
        stores.facts.add([fact for fact in facts if not fact.name.startswith(left_out)])
        stores.findings.replace(case.id, [f for f in every_finding(facts) if f.code in codes])
    return as_workspace(workspace), case.id


def draft(workspace: Workspace, case_id: str, model: Any, **options: Any) -> Report:
    command = DraftReport(case_id, seed=options.pop("seed", 0), language=options.pop("language", None), person="ann")
    clock = FixedClock(step=timedelta(seconds=1))
    return draft_report(command, workspace, model, phrases=PHRASES, lexicon=LEXICON, clock=clock, **options)


def first_reading(grammar: str) -> str:
    """The reading of a frame grammar that takes each first choice."""
    rule = re.sub(r"\((\"(?:[^\"\\]|\\.)*\")[^()]*\)", r"\1", grammar.removeprefix("root ::= "))
    return "".join(part.replace('\\"', '"') for part in re.findall(r'"((?:[^"\\]|\\.)*)"', rule))


class GrammarReader(ScriptedModel):
    """Answers with the first reading of the grammar it is given, or what ``spoil`` makes of it."""

    spoil: Callable[[str], str] = staticmethod(lambda text: text)

    def word(self, prompt: str, grammar: str, **options: Any) -> Any:
        self.answers = [*self.answers, self.spoil(first_reading(grammar))]
        self.answers = [""] * len(self.prompts) + [self.answers[-1]]
        return super().word(prompt, grammar, **options)


def test_without_a_model_the_report_stands_complete_from_rules() -> None:
    workspace, case_id = a_workspace()
    report = draft(workspace, case_id, None)
    assert [s.key for s in report.sentences] == list(WANTED)
    assert all(s.author is Author.RULE and s.fallback is None and all(s.checks.values()) for s in report.sentences)
    assert report.model is None
    assert report.sentences[1].text == (
        "With this loan, instalments would take 47 % of net income, above the policy limit of 40 %."
    )
    with workspace.read() as stores:
        assert stores.reports.get(case_id) == report
        assert stores.cases.get(case_id).status is Status.DRAFTED


def test_the_model_words_each_sentence_and_the_app_fills_the_slots() -> None:
    workspace, case_id = a_workspace()
    heard: list[Sentence] = []
    model = GrammarReader()
    report = draft(workspace, case_id, model, on_sentence=heard.append)
    assert [s.author for s in report.sentences] == [Author.MODEL] * 4
    assert tuple(heard) == report.sentences
    assert "47 %" in report.sentences[1].text
    assert report.model is not None
    assert report.model.sha256 == model.sha256
    assert len(report.model.prompt_sha256) == len(report.model.grammar_sha256) == 64


def test_a_wording_that_the_case_contradicts_falls_back_though_its_plan_allows_it() -> None:
    workspace, case_id = a_workspace(codes=("history.absent",))
    model = ScriptedModel(["Repayment is guaranteed, as there is no credit history."])
    sentence = next(s for s in draft(workspace, case_id, model).sentences if s.key == "history.absent")
    assert sentence.author is Author.RULE
    assert sentence.state is State.FALLEN_BACK
    assert sentence.rejected == "Repayment is guaranteed, as there is no credit history."
    assert "overclaiming" in (sentence.fallback or "")


def test_the_adapter_of_a_model_stands_in_the_run() -> None:
    workspace, case_id = a_workspace()
    run = draft(workspace, case_id, GrammarReader(adapter_sha256="a" * 64)).model
    assert run is not None
    assert run.to_json()["adapter_sha256"] == "a" * 64
    assert ModelRun.from_json(run.to_json()) == run
    plain = draft(workspace, case_id, GrammarReader()).model
    assert plain is not None
    assert "adapter_sha256" not in plain.to_json()


def test_no_value_of_any_fact_and_no_name_reaches_the_prompt() -> None:
    workspace, case_id = a_workspace()
    model = GrammarReader()
    draft(workspace, case_id, model)
    prompts = " ".join(model.prompts)
    for value, _ in VALUES.values():
        text = str(value)
        if len(text) > 2 and text not in {"rent", "True"}:
            assert text not in prompts, text


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda text: text.replace("[A]", "[B]"), "slot_missing"),
        (lambda text: text.replace("[A]", "47 %"), "slot_missing"),
        (lambda text: text.removesuffix(".") + " by seven points.", "unsupported_figure"),
        (lambda text: text.removesuffix(".") + ", which is a good sign.", "stance"),
        (lambda text: text.replace("above", "below"), "relation"),
        (lambda text: "", "length"),
    ],
)
def test_a_wording_that_fails_is_replaced_and_kept_with_the_reason(spoil: Callable[[str], str], reason: str) -> None:
    workspace, case_id = a_workspace(codes=("affordability.exceeds_limit",))
    model = GrammarReader()
    model.spoil = spoil  # type: ignore[method-assign]
    sentence = draft(workspace, case_id, model).sentences[-1]
    assert sentence.author is Author.RULE
    assert sentence.state is State.FALLEN_BACK
    assert sentence.fallback is not None
    assert reason in sentence.fallback
    assert sentence.rejected is not None
    assert all(sentence.checks.values())
    assert "47 % of net income, above the policy limit of 40 %" in sentence.text


def test_a_model_that_is_not_qualified_for_the_language_is_not_asked() -> None:
    workspace, case_id = a_workspace(language="zh")
    model = ScriptedModel(["whatever"], languages=("en",))
    report = draft(workspace, case_id, model)
    assert {s.fallback for s in report.sentences} == {"model not qualified for zh"}
    assert model.prompts == []
    assert report.model is None
    assert report.sentences[1].text == "放款后月供将占净收入的47%，超过政策上限40%。"


def test_a_qualified_model_words_chinese_through_the_same_path() -> None:
    workspace, case_id = a_workspace(language="zh")
    report = draft(workspace, case_id, GrammarReader())
    assert {s.author for s in report.sentences} == {Author.MODEL}


def test_the_language_asked_for_wins_over_the_cases() -> None:
    workspace, case_id = a_workspace()
    assert draft(workspace, case_id, None, language="zh").language == "zh"
    with pytest.raises(InputError, match="zh"):
        draft(workspace, case_id, None, language="fr")


def test_a_model_that_fails_leaves_the_rule_sentences_and_is_then_left_alone() -> None:
    workspace, case_id = a_workspace()
    model = broken_model("The model stopped twice.")
    report = draft(workspace, case_id, model)
    assert {s.fallback for s in report.sentences} == {"model not available: The model stopped twice."}
    assert len(model.prompts) == 2
    assert [s.key for s in report.sentences] == list(WANTED)


def test_a_required_model_that_fails_is_an_error_with_the_rule_report_stored() -> None:
    workspace, case_id = a_workspace()
    command = DraftReport(case_id, model_required=True)
    with pytest.raises(EnvironmentFault, match="stopped twice"):
        draft_report(
            command, workspace, broken_model("It stopped twice."), phrases=PHRASES, lexicon=LEXICON, clock=FixedClock()
        )
    with workspace.read() as stores:
        report = stores.reports.get(case_id)
    assert report is not None
    assert {s.author.value for s in report.sentences} == {"rule"}
    assert report.model is None


def test_a_required_model_that_fails_once_is_no_error() -> None:
    workspace, case_id = a_workspace()

    class Stumbles(GrammarReader):
        def word(self, prompt: str, grammar: str, **options: Any) -> Any:
            if not self.prompts:
                self.prompts.append(prompt)
                raise EnvironmentFault("once")
            return super().word(prompt, grammar, **options)

    command = DraftReport(case_id, model_required=True)
    report = draft_report(command, workspace, Stumbles(), phrases=PHRASES, lexicon=LEXICON, clock=FixedClock())
    assert report.model is not None


def test_the_model_is_left_the_words_that_were_not_said() -> None:
    workspace, case_id = a_workspace(codes=("cashflow.never_overdrawn", "cashflow.returned", "employment.long"))
    model = GrammarReader()
    report = draft(workspace, case_id, model)
    endings = [s.template.rsplit(", ", 1)[-1] for s in report.sentences if s.author.value == "model"]
    assert len(endings) == len(set(endings)) > 1


def test_a_single_fault_does_not_stop_the_sentences_after_it() -> None:
    workspace, case_id = a_workspace()
    good = draft(workspace, case_id, GrammarReader())

    class Stumbles(GrammarReader):
        def word(self, prompt: str, grammar: str, **options: Any) -> Any:
            if len(self.prompts) == 1:
                self.prompts.append(prompt)
                raise EnvironmentFault("once")
            return super().word(prompt, grammar, **options)

    report = draft(workspace, case_id, Stumbles())
    assert [s.fallback for s in report.sentences] == [None, "model not available: once", None, None]
    assert report.sentences[2:] == good.sentences[2:]


def test_cancelling_leaves_the_whole_report_of_rule_sentences() -> None:
    workspace, case_id = a_workspace()
    model = GrammarReader()

    def stop(sentence: Sentence) -> None:
        model.cancel()

    with pytest.raises(Cancelled):
        draft(workspace, case_id, model, on_sentence=stop)
    with workspace.read() as stores:
        kept = stores.reports.get(case_id)
    assert kept is not None
    assert [s.key for s in kept.sentences] == list(WANTED)
    assert {s.author for s in kept.sentences} == {Author.RULE}


def test_the_same_case_model_and_seed_give_the_same_bytes() -> None:
    first = draft(*a_workspace(), GrammarReader()).to_json()
    second = draft(*a_workspace(), GrammarReader()).to_json()
    assert first == second


def test_a_seed_is_given_to_each_sentence_by_its_key_and_warms_the_sampling() -> None:
    workspace, case_id = a_workspace()
    asked: list[tuple[int, float]] = []

    class Listens(GrammarReader):
        def word(self, prompt: str, grammar: str, **options: Any) -> Any:
            asked.append((options["seed"], options["temperature"]))
            return super().word(prompt, grammar, **options)

    draft(workspace, case_id, Listens())
    assert set(asked) == {(0, 0.0)}
    asked.clear()
    draft(workspace, case_id, Listens(), seed=3)
    assert len({seed for seed, _ in asked}) == 4
    assert {temperature for _, temperature in asked} == {0.7}


def test_the_audit_chain_tells_who_drafted_with_which_model() -> None:
    workspace, case_id = a_workspace()
    model = GrammarReader()
    draft(workspace, case_id, model)
    with workspace.read() as stores:
        events = stores.events.of_case(case_id)
    assert [e.what for e in events] == ["report.planned", "report.drafted"]
    assert events[-1].person == "ann"
    assert events[-1].detail["by_model"] == 4
    assert events[-1].detail["model"]["sha256"] == model.sha256


def test_what_a_person_wrote_outlives_a_new_draft() -> None:
    workspace, case_id = a_workspace()
    draft(workspace, case_id, None)
    edit = EditSentence(case_id, "ann", key="income.contradiction", text="The applicant works part-time now.")
    edit_sentence(edit, workspace, phrases=PHRASES, lexicon=LEXICON, clock=FixedClock())
    edit_sentence(
        replace(edit, key="", action="add", section="capacity"),
        workspace,
        phrases=PHRASES,
        lexicon=LEXICON,
        clock=FixedClock(),
    )
    report = draft(workspace, case_id, GrammarReader())
    assert [(s.key, s.author.value) for s in report.sentences] == [
        ("request.terms", "model"),
        ("affordability.exceeds_limit", "model"),
        ("income.contradiction", "person"),
        ("person.1", "person"),
        ("history.absent", "model"),
    ]


def test_progress_counts_sentences_and_may_cancel() -> None:
    workspace, case_id = a_workspace()
    seen: list[tuple[int, int | None]] = []
    draft(workspace, case_id, None, progress=lambda done, total, what: seen.append((done, total)))
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_case_that_is_not_assessed_is_refused() -> None:
    workspace, case_id = a_workspace(codes=())
    with pytest.raises(InputError, match="has not been assessed"):
        draft(workspace, case_id, None)


def test_a_signed_case_is_refused() -> None:
    workspace, case_id = a_workspace()
    with workspace.transaction() as stores:
        stores.cases.set_status(case_id, Status.SIGNED)
    with pytest.raises(InputError, match="signed"):
        draft(workspace, case_id, None)


def test_a_decided_case_keeps_its_status() -> None:
    workspace, case_id = a_workspace()
    with workspace.transaction() as stores:
        stores.cases.set_status(case_id, Status.DECIDED)
    draft(workspace, case_id, None)
    with workspace.read() as stores:
        assert stores.cases.get(case_id).status is Status.DECIDED


def test_many_cases_are_drafted_by_rule_in_batches() -> None:
    workspace = MemoryWorkspace()
    with workspace.transaction() as stores:
        for _ in range(450):
            case = stores.cases.add(
                reference="",
                applicant="",
                product="instalment-loan",
                amount=None,
                currency="EUR",
                term_months=36,
                received_on=None,
            )
            facts = every_fact(case.id)[:12]
            stores.facts.add(facts)
            findings = [f for f in every_finding(every_fact(case.id)) if f.code in {"history.absent", "policy.met"}]
            stores.findings.replace(case.id, findings)
        ids = list(stores.cases.ids())
    before = workspace.transactions_committed
    assert draft_by_rule(ids, as_workspace(workspace), phrases=PHRASES) == 450
    assert workspace.transactions_committed - before == 3
    assert draft_by_rule(ids, as_workspace(workspace), phrases=PHRASES) == 0
    with workspace.read() as stores:
        report = stores.reports.get(ids[-1])
    assert report is not None
    assert [s.key for s in report.sentences] == ["request.terms", "history.absent", "policy.met"]
