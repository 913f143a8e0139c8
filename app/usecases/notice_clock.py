"""Read the clock of a case's notice off its events: what was received, decided and written to the applicant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from app.domain.case import Case, Decision
from app.domain.notices import Given, LetterKind, Notice, Timeline, notice_of
from app.domain.policy import PolicyResult
from app.domain.policy_check import MISSING
from app.domain.rulepacks import RulePack
from app.ports import Event
from app.usecases.show_case import CaseView

LETTER_WRITTEN = "letter.written"
_ANSWERS = ("document.imported", "fact.corrected", "fact.confirmed", "fact.captured")
"""Events by which what was missing comes in."""


def notice_of_view(view: CaseView, pack: RulePack, today: date) -> Notice:
    """What is owed to the applicant of a case next."""
    return notice_of(timeline_of(view.case, view.decision, view.policy, view.events), pack, today)


def local_day(at: datetime) -> date:
    """The day of a moment where this desk stands."""
    return at.astimezone().date()


def judged_on(case: Case, events: Sequence[Event]) -> date | None:
    """The day of the application: as it is dated, else when its case was opened; None where neither is known."""
    opened = next((event.at for event in events if event.what in ("case.opened", "document.imported")), None)
    return case.received_on or (None if opened is None else local_day(opened))


def timeline_of(
    case: Case, decision: Decision | None, policy: PolicyResult | None, events: Sequence[Event]
) -> Timeline:
    """What happened, as far as notices are concerned. A draft with blanks was not given to anybody."""
    given = tuple(letters_given(events, decision))
    asked = next((each for each in given if each.kind is LetterKind.INCOMPLETE), None)
    written = next((event.seq for event in events if _asks(event)), None)
    answers = [event.at for event in events if event.what in _ANSWERS and written and event.seq > written]
    return Timeline(
        received_on=judged_on(case, events),
        incomplete=lacks_information(policy),
        outcome=decision.outcome if decision else None,
        decided_on=local_day(decision.decided_at) if decision else None,
        given=given,
        answered_on=local_day(answers[-1]) if asked and answers else None,
    )


def lacks_information(policy: PolicyResult | None) -> bool:
    """Whether the policy could not be applied for want of facts."""
    return policy is not None and any(clause.clause == MISSING for clause in policy.clauses)


def letters_given(events: Iterable[Event], decision: Decision | None) -> Iterable[Given]:
    """Letters that went out about this application and the decision that stands, oldest first."""
    standing = decision.decided_at.isoformat() if decision else None
    for event in events:
        detail = event.detail
        if event.what != LETTER_WRITTEN or detail.get("draft"):
            continue
        kind = LetterKind(detail["kind"])
        if kind is LetterKind.INCOMPLETE or detail.get("decision") == standing:
            answer_by = detail.get("answer_by")
            yield Given(kind, date.fromisoformat(detail["on"]), date.fromisoformat(answer_by) if answer_by else None)


def _asks(event: Event) -> bool:
    return event.what == LETTER_WRITTEN and event.detail.get("kind") == "incomplete" and not event.detail.get("draft")
