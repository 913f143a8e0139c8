"""The clock of a notice: what the lender owes the applicant next, and until when, by the rule pack in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.domain.case import Outcome
from app.domain.rulepacks import Deadline, RulePack


class LetterKind(StrEnum):
    """The letters a lender writes."""

    ACTION = "action"  # notice of action taken: a decline with its reasons
    INCOMPLETE = "incomplete"  # what is missing, and until when it is waited for
    COUNTER_OFFER = "counter-offer"  # other terms, with the reasons against those requested


class Trigger(StrEnum):
    """What a deadline runs from."""

    COMPLETE = "complete"  # a completed application was received
    INCOMPLETE = "incomplete"  # one was received that the applicant can complete
    ADVERSE_ON_INCOMPLETE = "adverse-on-incomplete"  # it was declined after its incompleteness had been notified
    COUNTER_OFFER = "counter-offer"  # the applicant was notified of a counter-offer


class NoticeState(StrEnum):
    DUE = "due"
    OVERDUE = "overdue"
    WAITING = "waiting"  # for the applicant, who was told what is missing
    GIVEN = "given"
    NONE = "none"  # no period runs; ``why`` says why


@dataclass(frozen=True, slots=True)
class Given:
    """A letter that was written for the applicant."""

    kind: LetterKind
    on: date
    answer_by: date | None = None  # of an incomplete application or a counter-offer


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened to a case, as far as notices are concerned."""

    received_on: date | None
    incomplete: bool  # the policy lacks something that it needs
    outcome: Outcome | None = None  # of the decision that stands
    decided_on: date | None = None
    given: tuple[Given, ...] = ()  # letters about this application and this decision, oldest first
    answered_on: date | None = None  # when the applicant last sent something after the notice of incompleteness

    def letter(self, kind: LetterKind) -> Given | None:
        """The first letter of that kind."""
        return next((each for each in self.given if each.kind is kind), None)


@dataclass(frozen=True, slots=True)
class Notice:
    """Where the clock stands on a day."""

    pack: str
    pack_version: str
    state: NoticeState
    trigger: Trigger | None = None
    since: date | None = None
    due_on: date | None = None
    days_left: int | None = None  # negative: overdue by so many
    letter: LetterKind | None = None  # the one to write
    given_on: date | None = None
    answer_by: date | None = None
    citation: str = ""
    why: str = ""  # no_period | no_date | approved | combined | unanswered, for people in the window's language

    def to_json(self) -> dict[str, Any]:
        """The object ``notice`` of ``caseworth show --json``."""

        def iso(day: date | None) -> str | None:
            return None if day is None else day.isoformat()

        return {
            "pack": self.pack,
            "pack_version": self.pack_version,
            "state": self.state.value,
            "trigger": self.trigger and self.trigger.value,
            "since": iso(self.since),
            "due_on": iso(self.due_on),
            "days_left": self.days_left,
            "letter": self.letter and self.letter.value,
            "given_on": iso(self.given_on),
            "answer_by": iso(self.answer_by),
            "citation": self.citation,
            "why": self.why,
        }


def notice_of(line: Timeline, pack: RulePack, today: date) -> Notice:
    """What is owed next on a day.

    An approval owes no letter: granting the loan tells the applicant (Reg B, comment 9(a)(1)-2). A counter-offer
    letter that gives the reasons settles the notice that would follow if it is not accepted, where the pack says so.
    """
    clock = _Clock(line, pack, today)
    if line.outcome is Outcome.APPROVE:
        return clock.still("approved")
    if line.outcome is Outcome.COUNTER_OFFER:
        return clock.counter_offer()
    if line.outcome is Outcome.DECLINE:
        return clock.declined()
    return clock.open()


@dataclass(frozen=True, slots=True)
class _Clock:
    line: Timeline
    pack: RulePack
    today: date

    def still(self, why: str) -> Notice:
        return Notice(self.pack.name, self.pack.version, NoticeState.NONE, why=why)

    def running(self, trigger: Trigger, since: date | None, letter: LetterKind, *, settled: Given | None) -> Notice:
        """The deadline of a trigger; ``settled`` is the letter that met it."""
        deadline = self.pack.deadlines.get(trigger)
        if deadline is None or since is None:
            why = "no_period" if deadline is None else "no_date"
            state = NoticeState.NONE if settled is None else NoticeState.GIVEN
            on = None if settled is None else settled.on
            return Notice(self.pack.name, self.pack.version, state, trigger, since, letter=letter, given_on=on, why=why)
        due = deadline.due_on(since)
        state = NoticeState.GIVEN if settled else NoticeState.DUE if self.today <= due else NoticeState.OVERDUE
        return Notice(
            pack=self.pack.name,
            pack_version=self.pack.version,
            state=state,
            trigger=trigger,
            since=since,
            due_on=due,
            days_left=None if settled else (due - self.today).days,
            letter=None if settled else letter,
            given_on=settled.on if settled else None,
            answer_by=settled.answer_by if settled else None,
            citation=deadline.source.citation,
        )

    def received(self, letter: LetterKind, *, settled: Given | None) -> Notice:
        """From the application: as it came, or as the applicant completed it."""
        asked = self.line.letter(LetterKind.INCOMPLETE)
        if self.line.incomplete and asked is None:
            return self.running(Trigger.INCOMPLETE, self.line.received_on, letter, settled=settled)
        completed = self.line.answered_on if asked else None
        return self.running(Trigger.COMPLETE, completed or self.line.received_on, letter, settled=settled)

    def open(self) -> Notice:
        """Not decided yet, or referred."""
        asked = self.line.letter(LetterKind.INCOMPLETE)
        if asked is None or (self.line.answered_on and not self.line.incomplete):
            wanted = LetterKind.INCOMPLETE if self.line.incomplete else LetterKind.ACTION
            return self.received(wanted, settled=None)
        deadline = self.pack.deadlines.get(Trigger.INCOMPLETE)
        expired = asked.answer_by is not None and self.today > asked.answer_by
        since = self.line.received_on
        return Notice(
            pack=self.pack.name,
            pack_version=self.pack.version,
            state=NoticeState.GIVEN if expired else NoticeState.WAITING,
            trigger=Trigger.INCOMPLETE,
            since=since,
            due_on=deadline.due_on(since) if deadline and since else None,
            given_on=asked.on,
            answer_by=asked.answer_by,
            citation=deadline.source.citation if deadline else "",
            why="unanswered" if expired else "",
        )

    def declined(self) -> Notice:
        settled = self.line.letter(LetterKind.ACTION)
        if self.line.incomplete and self.line.letter(LetterKind.INCOMPLETE):
            trigger = Trigger.ADVERSE_ON_INCOMPLETE
            return self.running(trigger, self.line.decided_on, LetterKind.ACTION, settled=settled)
        return self.received(LetterKind.ACTION, settled=settled)

    def counter_offer(self) -> Notice:
        offered, refused = self.line.letter(LetterKind.COUNTER_OFFER), self.line.letter(LetterKind.ACTION)
        if offered is None:
            return self.received(LetterKind.COUNTER_OFFER, settled=refused)
        after = self.running(Trigger.COUNTER_OFFER, offered.on, LetterKind.ACTION, settled=refused)
        deadline = self.pack.deadlines.get(Trigger.COUNTER_OFFER)
        if refused is not None or after.due_on is None:
            return after if refused else _settled(after, offered, "no_period")
        return _settled(after, offered, "combined", deadline) if deadline and deadline.combined else after


def _settled(after: Notice, offered: Given, why: str, deadline: Deadline | None = None) -> Notice:
    """The counter-offer letter was the last one owed; the day a second would be due still stands."""
    citation = f"{after.citation}; {deadline.combined_citation}" if deadline else after.citation
    return Notice(
        pack=after.pack,
        pack_version=after.pack_version,
        state=NoticeState.GIVEN,
        trigger=Trigger.COUNTER_OFFER,
        since=offered.on,
        due_on=after.due_on,
        days_left=after.days_left,
        given_on=offered.on,
        answer_by=offered.answer_by,
        citation=citation,
        why=why,
    )
