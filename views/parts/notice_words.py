"""The clock of a notice in words: what stands in the head of a case, and what it rests on."""

from __future__ import annotations

from datetime import date

from app.domain.facts import Stance
from app.domain.notices import Notice, NoticeState
from views import format as fmt
from views.strings import tr

NEAR = 5  # days before the last one on which the clock turns adverse


def notice_words(notice: Notice | None, language: str) -> tuple[str, str, Stance]:
    """Caption, value and stance: ``Notice due``, ``20 Dec · 29 days``; empty words where no period runs."""
    if notice is None:
        return "", "", Stance.NEUTRAL
    if notice.state is NoticeState.WAITING:
        return tr("notice.waiting"), tr("notice.until", day=_day(notice.answer_by, language)), Stance.NEUTRAL
    if notice.state is NoticeState.GIVEN:
        return tr("notice.given"), _day(notice.given_on, language), Stance.FAVOURABLE
    left = notice.days_left
    if left is None:
        return "", "", Stance.NEUTRAL
    key = "today" if left == 0 else ("left" if left > 0 else "overdue") + ("_one" if abs(left) == 1 else "")
    words = tr(f"notice.{key}", day=_day(notice.due_on, language), count=abs(left))
    return tr("notice.due"), words, Stance.ADVERSE if left <= NEAR else Stance.NEUTRAL


def notice_tip(notice: Notice | None, language: str) -> str:
    """What the clock runs from and by which paragraph; empty where no period runs."""
    if notice is None or notice.trigger is None or not notice.citation:
        return ""
    since = fmt.day(notice.since, language)
    lines = [tr(f"notice.trigger.{notice.trigger}", since=since, citation=notice.citation)]
    if notice.answer_by is not None:
        lines.append(tr("notice.answer", day=fmt.day(notice.answer_by, language)))
    if notice.why in ("combined", "unanswered"):
        lines.append(tr(f"notice.why.{notice.why}", due=fmt.day(notice.due_on, language)))
    return "\n".join(lines)


def _day(day: date | None, language: str) -> str:
    """``20 Dec``, ``12月20日``: the tool tip has the year."""
    words = fmt.day(day, language)
    return words.rsplit(" ", 1)[0] if language == "en" and day is not None else words.partition("年")[2] or words
