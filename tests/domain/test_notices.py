"""The clock of a notice: what is owed next, and until when, to the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.case import Outcome
from app.domain.notices import Given, LetterKind, Notice, NoticeState, Timeline, Trigger, notice_of
from app.domain.rulepacks import RulePack
from data.rulepack_files import load_rulepack

TODAY = date(2026, 11, 22)
PACK = load_rulepack("us-ecoa-reg-b", TODAY)
RECEIVED = date(2026, 10, 28)
OPEN = Timeline(RECEIVED, incomplete=False)
ASKED = Given(LetterKind.INCOMPLETE, date(2026, 11, 1), date(2026, 11, 20))
OFFERED = Given(LetterKind.COUNTER_OFFER, date(2026, 11, 10), date(2026, 12, 10))
DENIED = Given(LetterKind.ACTION, date(2026, 11, 12))


def clock(line: Timeline, today: date = TODAY, pack: RulePack = PACK) -> Notice:
    return notice_of(line, pack, today)


def declined(line: Timeline = OPEN, *letters: Given) -> Timeline:
    return replace(line, outcome=Outcome.DECLINE, decided_on=date(2026, 11, 11), given=(*line.given, *letters))


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 10, 28), date(2026, 11, 27)),
        (date(2026, 12, 15), date(2027, 1, 14)),  # over the year's end
        (date(2027, 12, 31), date(2028, 1, 30)),
        (date(2028, 1, 30), date(2028, 2, 29)),  # a leap day
        (date(2028, 1, 31), date(2028, 3, 1)),
        (date(2028, 2, 29), date(2028, 3, 30)),
        (date(2027, 1, 30), date(2027, 3, 1)),  # no leap year
        (date(2100, 2, 1), date(2100, 3, 3)),  # 2100 is none either
    ],
)
def test_a_complete_application_has_thirty_days(received: date, due: date) -> None:
    notice = clock(replace(OPEN, received_on=received), received)
    assert (notice.trigger, notice.since, notice.due_on, notice.days_left) == (Trigger.COMPLETE, received, due, 30)
    assert notice.citation == "12 CFR 1002.9(a)(1)(i)"


@pytest.mark.parametrize(
    ("offered", "due"),
    [
        (date(2026, 11, 22), date(2027, 2, 20)),
        (date(2027, 12, 1), date(2028, 2, 29)),
        (date(2027, 12, 2), date(2028, 3, 1)),
    ],
)
def test_a_counter_offer_has_ninety(offered: date, due: date) -> None:
    line = replace(OPEN, outcome=Outcome.COUNTER_OFFER, given=(replace(OFFERED, on=offered),))
    assert clock(line, offered).due_on == due


@given(
    st.dates(date(2000, 1, 1), date(2150, 1, 1)),
    st.integers(0, 400),
    st.booleans(),
    st.sampled_from([None, Outcome.DECLINE, Outcome.REFER, Outcome.COUNTER_OFFER]),
)
def test_due_and_overdue_meet_at_the_last_day(
    received: date, passed: int, incomplete: bool, outcome: Outcome | None
) -> None:
    line = Timeline(received, incomplete, outcome, received if outcome else None)
    notice = clock(line, received + timedelta(days=passed))
    assert notice.due_on == received + timedelta(days=30)
    assert notice.days_left == 30 - passed
    assert notice.state is (NoticeState.DUE if passed <= 30 else NoticeState.OVERDUE)


def test_an_incomplete_application_asks_for_the_notice_of_it() -> None:
    notice = clock(replace(OPEN, incomplete=True))
    assert (notice.trigger, notice.letter, notice.due_on) == (
        Trigger.INCOMPLETE,
        LetterKind.INCOMPLETE,
        date(2026, 11, 27),
    )
    assert notice.citation == "12 CFR 1002.9(c)(1)"


def test_the_clock_waits_for_the_applicant_and_then_no_longer() -> None:
    line = replace(OPEN, incomplete=True, given=(ASKED,))
    waiting = clock(line, date(2026, 11, 20))
    assert (waiting.state, waiting.answer_by, waiting.days_left) == (NoticeState.WAITING, date(2026, 11, 20), None)
    over = clock(line, date(2026, 11, 21))
    assert (over.state, over.why) == (NoticeState.GIVEN, "unanswered")


def test_what_the_applicant_sends_starts_the_clock_anew() -> None:
    line = replace(OPEN, given=(ASKED,), answered_on=date(2026, 11, 15))
    notice = clock(line)
    assert (notice.trigger, notice.since, notice.due_on) == (Trigger.COMPLETE, date(2026, 11, 15), date(2026, 12, 15))
    assert clock(replace(line, incomplete=True), date(2026, 11, 18)).state is NoticeState.WAITING


def test_a_decline_is_settled_by_its_letter() -> None:
    assert clock(declined()).letter is LetterKind.ACTION
    settled = clock(declined(OPEN, DENIED))
    assert (settled.state, settled.given_on, settled.days_left) == (NoticeState.GIVEN, date(2026, 11, 12), None)


def test_a_decline_of_what_stayed_incomplete_has_thirty_days_of_its_own() -> None:
    notice = clock(declined(replace(OPEN, incomplete=True, given=(ASKED,))))
    assert (notice.trigger, notice.due_on) == (Trigger.ADVERSE_ON_INCOMPLETE, date(2026, 12, 11))
    without = clock(declined(replace(OPEN, incomplete=True)))
    assert (without.trigger, without.due_on) == (Trigger.INCOMPLETE, date(2026, 11, 27))


def test_a_counter_offer_with_its_reasons_needs_no_second_notice() -> None:
    line = replace(OPEN, outcome=Outcome.COUNTER_OFFER, decided_on=date(2026, 11, 9))
    assert clock(line).letter is LetterKind.COUNTER_OFFER
    combined = clock(replace(line, given=(OFFERED,)))
    assert (combined.state, combined.why, combined.due_on) == (NoticeState.GIVEN, "combined", date(2027, 2, 8))
    deadlines = dict(PACK.deadlines)
    deadlines["counter-offer"] = replace(deadlines["counter-offer"], combined=False)
    apart = clock(replace(line, given=(OFFERED,)), pack=replace(PACK, deadlines=deadlines))
    assert (apart.state, apart.letter, apart.days_left) == (NoticeState.DUE, LetterKind.ACTION, 78)
    assert clock(replace(line, given=(OFFERED, replace(DENIED, on=TODAY)))).given_on == TODAY


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (replace(OPEN, outcome=Outcome.APPROVE), "approved"),
        (replace(OPEN, received_on=None), "no_date"),
    ],
)
def test_no_period_runs(line: Timeline, why: str) -> None:
    notice = clock(line)
    assert (notice.state, notice.why, notice.due_on) == (NoticeState.NONE, why, None)


@pytest.mark.parametrize("name", ["eu-consumer-credit", "cn-consumer-credit"])
def test_a_pack_without_periods_has_no_clock(name: str) -> None:
    pack = load_rulepack(name, TODAY)
    for line in (OPEN, declined(), replace(OPEN, incomplete=True)):
        assert clock(line, pack=pack).why == "no_period"
    offered = replace(OPEN, outcome=Outcome.COUNTER_OFFER, given=(OFFERED,))
    assert clock(offered, pack=pack).state is NoticeState.GIVEN
    assert clock(replace(OPEN, given=(ASKED,)), date(2026, 11, 5), pack).state is NoticeState.WAITING


def test_the_object_of_the_command_line() -> None:
    assert clock(OPEN).to_json() == {
        "pack": "us-ecoa-reg-b",
        "pack_version": "2026-07-21",
        "state": "due",
        "trigger": "complete",
        "since": "2026-10-28",
        "due_on": "2026-11-27",
        "days_left": 5,
        "letter": "action",
        "given_on": None,
        "answer_by": None,
        "citation": "12 CFR 1002.9(a)(1)(i)",
        "why": "",
    }
