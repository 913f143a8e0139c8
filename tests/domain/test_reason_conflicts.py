"""A report that says the opposite of a principal reason is found out, whoever wrote the sentence."""

from __future__ import annotations

import pytest

from app.domain.case import Reason
from app.domain.facts import Fact, Source, SourceKind, Stance, new_fact
from app.domain.findings import Finding, Materiality
from app.domain.reason_conflicts import conflicts
from app.domain.report import Report
from app.domain.sentences import Author, Sentence, State


def fact(name: str) -> Fact:
    return new_fact("C-1", name, 9, "x", Source(SourceKind.DOCUMENT, document="d"))


YEARS, LATE, RECORDS = (
    fact("employment.seniority_years"),
    fact("history.worst_days_past_due_12m"),
    fact("history.adverse_records"),
)
FACTS = (YEARS, LATE, RECORDS)
LONG = Finding("employment.long", "employment.long", "history", Stance.FAVOURABLE, Materiality.MINOR, (YEARS.id,))
CLEAN = Finding("history.clean", "history.clean", "history", Stance.FAVOURABLE, Materiality.NOTABLE, (LATE.id,))
LENGTH = Reason("C1-07", YEARS.id, "Length of employment")


def sentence(
    text: str, *findings: Finding, author: Author = Author.RULE, stance: Stance = Stance.FAVOURABLE
) -> Sentence:
    keys = tuple(finding.id for finding in findings)
    return Sentence("s.1", "history", text, text, author, State.ACCEPTED, stance, (), keys, {})


def found(reason: Reason, said: Sentence, language: str = "en") -> bool:
    return bool(conflicts([reason], Report("C-1", language, (said,)), [LONG, CLEAN], FACTS))


@pytest.mark.parametrize("author", [Author.RULE, Author.MODEL])
def test_a_favourable_sentence_about_the_reasons_fact_is_told(author: Author) -> None:
    said = sentence("Nine years in employment support the application.", LONG, author=author)
    (told,) = conflicts([LENGTH], Report("C-1", "en", (said,)), [LONG, CLEAN], FACTS)
    assert told.to_json() == {
        "code": "C1-07",
        "reason": "Length of employment",
        "sentence": "s.1",
        "text": "Nine years in employment support the application.",
    }


def test_another_subject_or_another_stance_is_no_contradiction() -> None:
    assert not found(LENGTH, sentence("No payment was late.", CLEAN))
    assert not found(LENGTH, sentence("Nine years in employment.", LONG, stance=Stance.NEUTRAL))
    assert not found(Reason("C1-22", None, "Inquiries"), sentence("Nine years in employment help.", LONG))


def test_a_clean_year_denies_late_payments_but_not_older_records() -> None:
    said = sentence("No payment was late in the past 12 months.", CLEAN)
    assert found(Reason("C1-17", LATE.id, "Delinquent obligations"), said)
    assert not found(Reason("C1-17", RECORDS.id, "Delinquent obligations"), said)


@pytest.mark.parametrize(
    ("text", "code", "language"),
    [
        ("Employment is a strength.", "C1-07", "en"),
        ("The applicant's long employment speaks for the request, but the rent is high.", "C1-07", "en"),
        ("Income is stable and well documented.", "C1-10", "en"),
        ("His debts are comfortably affordable.", "C1-09", "en"),
        ("工作年限较长，是一项优势。", "C1-07", "zh"),
        ("收入稳定。", "C1-10", "zh"),
        ("Income is high.", "C1-08", "en"),
        ("收入较高。", "C1-08", "zh"),
    ],
)
def test_a_persons_praise_is_read(text: str, code: str, language: str) -> None:
    assert found(Reason(code, None, "x"), sentence(text, author=Author.PERSON, stance=Stance.NEUTRAL), language)


@pytest.mark.parametrize(
    ("text", "code", "language"),
    [
        ("Employment is too short.", "C1-07", "en"),
        ("Employment is not a strength.", "C1-07", "en"),
        ("The guarantor is a strength.", "C1-07", "en"),
        ("The employer confirmed the gap.", "C1-22", "en"),
        ("Debts are high.", "C1-09", "en"),
        ("Inquiries are high in number.", "C1-22", "en"),
        ("负债较高。", "C1-09", "zh"),
        ("工作年限较短。", "C1-07", "zh"),
        ("工作年限没有优势。", "C1-07", "zh"),
    ],
)
def test_a_persons_other_words_are_left_alone(text: str, code: str, language: str) -> None:
    assert not found(Reason(code, None, "x"), sentence(text, author=Author.PERSON), language)


def test_without_a_report_nothing_is_contradicted() -> None:
    assert conflicts([LENGTH], None, [LONG], FACTS) == ()
