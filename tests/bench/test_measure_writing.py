"""What the measure of wordings counts: on held-out plans, a scripted model, and sentences turned round by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.domain.checks.casebook import CaseFact, CaseFinding, CheckedCase
from app.domain.facts import Stance
from app.usecases.draft_facts import draft_from_facts
from app.usecases.draft_report import DraftReport, draft_report
from app.wording_ports import WordingRequest
from bench.measure_writing import LANGUAGES, Measure, beginnings, measure, table
from bench.writing.closed import OPEN, RIGHT, WRONG, judged, wrong_figures
from bench.writing.coverage import missing_from
from bench.writing.held import HeldPlan, Thing, held_case, held_plans
from data.checking_words import load_lexicon
from local_models.drafting import style_named
from local_models.scripted import ScriptedModel
from tests.doubles import FixedClock

RATIO = (Thing("equity ratio", "percent"), Thing("covenant level", "percent"))
EXCEEDS = HeldPlan("en", "leverage", "adverse", "exceeds", RATIO, "")
RATIO_ZH = (Thing("净资产率", "percent"), Thing("约定下限", "percent"))
BELOW_ZH = HeldPlan("zh", "杠杆", "adverse", "below", RATIO_ZH, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plans_are_many_different_and_the_same_each_time(language: str) -> None:
    plans = held_plans(language, 110)
    assert plans == held_plans(language, 110)
    assert plans != held_plans(language, 110, seed=8)
    assert len({(plan.subject, plan.stance, plan.relation, plan.things, plan.said) for plan in plans}) >= 105
    assert {plan.relation for plan in plans} >= {"is", "exceeds", "below", "contradicts", "rises", "falls", "absent"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rule_sentences_of_the_plans_pass_the_checks_and_the_comparison(language: str) -> None:
    plans = held_plans(language, 60)
    case = held_case(plans)
    command = DraftReport(case.case_id)
    report = draft_report(
        command, case.workspace, None, phrases=case.phrases, lexicon=load_lexicon(), clock=FixedClock()
    )
    assert len(report.sentences) == 60
    for sentence in report.sentences:
        plan = case.plans[sentence.key]
        assert not sentence.problems, sentence.text
        assert not wrong_figures(sentence.text, sentence.template, plan, case.values[sentence.key])
        assert judged(sentence.template, plan)[0] == RIGHT, sentence.text


@pytest.mark.parametrize(
    ("template", "plan", "found"),
    [
        ("The equity ratio of [A] is above the covenant level of [B], a risk.", EXCEEDS, RIGHT),
        ("The covenant level of [B] is below the equity ratio of [A].", EXCEEDS, RIGHT),
        ("Compared with the covenant level of [B], the equity ratio of [A] is higher than agreed.", EXCEEDS, RIGHT),
        ("The equity ratio of [A] is not above the covenant level of [B].", EXCEEDS, WRONG),
        ("The equity ratio of [A] is below the covenant level of [B].", EXCEEDS, WRONG),
        ("The covenant level of [B] exceeds the equity ratio of [A].", EXCEEDS, WRONG),
        ("The equity ratio of [A] exceeds the covenant level of [B], a good sign.", EXCEEDS, WRONG),
        ("The equity ratio is [A] and the covenant level is [B].", EXCEEDS, OPEN),
        ("The equity ratio of [A] contradicts the covenant level of [B].", replace(EXCEEDS, relation="equals"), WRONG),
        ("The equity ratio rises from [A] to [B].", replace(EXCEEDS, relation="falls"), WRONG),
        ("The equity ratio rises from [A] to [B].", replace(EXCEEDS, relation="rises"), RIGHT),
        ("There is an equity ratio on file.", replace(EXCEEDS, relation="absent", things=()), WRONG),
        ("The request meets the limit.", replace(EXCEEDS, relation="unmet", things=()), WRONG),
        ("A risk is the equity ratio of [A] and the covenant level of [B].", replace(EXCEEDS, relation="is"), RIGHT),
        ("The equity ratio of [A] is the covenant level of [B].", replace(EXCEEDS, relation="is"), WRONG),
        ("净资产率为[A]，低于约定下限[B]，对申请不利。", BELOW_ZH, RIGHT),
        ("约定下限[B]高于净资产率[A]。", BELOW_ZH, RIGHT),
        ("与约定下限[B]相比，净资产率[A]更低。", BELOW_ZH, RIGHT),
        ("净资产率为[A]，高于约定下限[B]。", BELOW_ZH, WRONG),
        ("净资产率为[A]，不低于约定下限[B]。", BELOW_ZH, WRONG),
        ("净资产率为[A]，低于约定下限[B]，对申请有利。", BELOW_ZH, WRONG),
        ("净资产率[A]与约定下限[B]不一致。", replace(BELOW_ZH, relation="equals"), WRONG),
    ],
)
def test_a_sentence_is_compared_with_its_plan(template: str, plan: HeldPlan, found: str) -> None:
    assert judged(template, plan)[0] == found


@pytest.mark.parametrize(
    ("text", "template", "faults"),
    [
        ("The equity ratio is 47 %, above 40.5 %.", "The equity ratio is [A], above [B].", 0),
        ("The equity ratio is 47 %.", "The equity ratio is [A].", 1),
        ("The equity ratio is 47 %, above 40.5 % and 12 %.", "The equity ratio is [A], above [B] and 12 %.", 1),
        ("The equity ratio is 46 %, above 40.5 %.", "The equity ratio is [A], above [B].", 2),
        ("The ratio is 47 %, half of it above 40.5 %.", "The ratio is [A], half of it above [B].", 1),
    ],
)
def test_figures_are_those_of_the_plan_and_no_others(text: str, template: str, faults: int) -> None:
    assert len(wrong_figures(text, template, EXCEEDS, (Decimal(47), Decimal("40.5")))) == faults


class Candidates(ScriptedModel):
    """Words freely; the first candidate of each sentence is nonsense, the second says the names."""

    def __init__(self) -> None:
        super().__init__(style=style_named("free"))
        self.batches = 0

    def word_together(self, requests: Sequence[WordingRequest], **given: Any) -> None:
        self.batches += 1
        marks = [sorted({mark for mark in "ABCD" if f"[{mark}]" in r.prompt[r.shared :]}) for r in requests]
        said = "The file shows" if self.batches > 1 else "The file has 12 of them and"
        self.answers = [f"{said} {' and '.join(f'[{mark}]' for mark in own) or 'nothing'}." for own in marks]
        self.prompts = []
        super().word_together(requests, **given)


def test_first_candidates_and_later_ones_are_told_apart() -> None:
    plans = [plan for plan in held_plans("en", 60) if plan.relation == "is"][:10]
    told, reads = measure("scripted", Candidates(), "en", plans)
    assert (told.plans, told.asked, told.first) == (10, 10, 0)
    assert 0 < told.accepted <= 10
    assert told.wrong_figures == 0
    assert len(reads) == 10
    assert told.to_json()["first_share"] == 0.0
    assert list(table([told]))[1].startswith("scripted  en")


def test_a_model_that_is_not_asked_has_no_share() -> None:
    told, _ = measure("scripted", ScriptedModel(languages=("en",)), "zh", held_plans("zh", 5))
    assert told.asked == told.accepted == 0
    assert told.to_json()["accepted_share"] is None
    assert told.refused_for == {"model not qualified for zh": 5}
    assert Measure("m", "en").to_json()["wrong_share"] is None


def test_beginnings_are_told_apart_by_their_first_words() -> None:
    assert beginnings(["The file shows [A].", "The file shows no rent.", "A risk is the rent."], "en") == 2 / 3
    assert beginnings(["净资产率为[A]。", "净资产为[A]。"], "zh") == 1.0


def test_what_a_report_leaves_out_is_found() -> None:
    facts = (CaseFact("f1", "Days past due", Decimal(40), unit="days", stance=Stance.ADVERSE),)
    findings = (CaseFinding("conduct.arrears", Stance.ADVERSE, "Payments were up to 40 days late.", ("f1",)),)
    case = CheckedCase("K", "en", facts, findings)
    report = draft_from_facts(case, load_lexicon())
    assert missing_from(report, case) == ([], 2)
    emptied = replace(report, sentences=report.sentences[:0])
    assert missing_from(emptied, case)[0] == ["conduct.arrears", "f1", "conduct.arrears f1"]
