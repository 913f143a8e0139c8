"""A person edits, adds or removes a sentence of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.domain.case import Case, Status
from app.domain.changes import Changes
from app.domain.checks.lexicon import Lexicon
from app.domain.facts import Stance
from app.domain.findings import Materiality
from app.domain.phrases import PhraseBook
from app.domain.rendering import Prose
from app.domain.report import Report
from app.domain.report_kinds import rank_of
from app.domain.sentences import Author, Sentence, State
from app.errors import InputError
from app.ports import Clock, Stores, Workspace
from app.usecases.check_text import CaseJudge, refuse_unusable


@dataclass(frozen=True, slots=True)
class EditSentence:
    """What to do with the sentence ``key``; an added one goes to the end of ``section``, or after ``key``."""

    case_id: str
    person: str
    key: str = ""
    text: str = ""
    action: Literal["edit", "add", "remove"] = "edit"
    section: str = ""


def edit_sentence(
    cmd: EditSentence, workspace: Workspace, *, phrases: PhraseBook, lexicon: Lexicon, clock: Clock
) -> Changes:
    """Store the changed report in one transaction, with an event that keeps the sentence as it was.

    A text whose figures all match current facts is adopted, else the sentence is flagged with each figure that matches
    none. Raises ``InputError`` when there is no such report or sentence, when the text is blank, when a removal would
    leave a major finding unsaid, and when the case is signed.
    """
    if cmd.action != "remove":
        refuse_unusable(cmd.text)
    with workspace.transaction() as stores:
        case, report = _open_report(cmd.case_id, stores)
        match cmd.action:
            case "edit":
                before, after, sentences = _edited(cmd, case, report, stores, workspace, Words(phrases, lexicon))
            case "add":
                before, after, sentences = _added(cmd, case, report, stores, workspace, Words(phrases, lexicon))
            case "remove":
                before, after, sentences = _removed(cmd, report, stores)
        stores.reports.put(case.id, replace(report, sentences=tuple(sentences)))
        detail = {
            "key": (after or before or _NO_SENTENCE).key,
            "before": before.to_json() if before else None,
            "after": after.to_json() if after else None,
        }
        stores.events.append(cmd.person, case.id, f"sentence.{_DONE[cmd.action]}", detail)
    return Changes.REPORT


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the report and of its checks."""

    phrases: PhraseBook
    lexicon: Lexicon


_DONE = {"edit": "edited", "add": "added", "remove": "removed"}
_NO_SENTENCE = Sentence("", "", "", "", Author.PERSON, State.ADOPTED, Stance.NEUTRAL, (), (), {})
_Edit = tuple[Sentence | None, Sentence | None, Sequence[Sentence]]


def _open_report(case_id: str, stores: Stores) -> tuple[Case, Report]:
    case = stores.cases.get(case_id)
    if case.status is Status.SIGNED:
        raise InputError("case", f"{case.id} is signed: its report can no longer change.")
    report = stores.reports.get(case.id)
    if report is None:
        raise InputError("case", f"{case.id} has no report yet.", remedy="Draft it first.")
    return case, report


def _find(key: str, report: Report) -> Sentence:
    for sentence in report.sentences:
        if sentence.key == key:
            return sentence
    raise InputError("key", f"The report has no sentence {key!r}.", remedy="Load the report again.")


def _edited(cmd: EditSentence, case: Case, report: Report, stores: Stores, workspace: Workspace, words: Words) -> _Edit:
    before = _find(cmd.key, report)
    after = _of_person(cmd.text, before, case, report.language, stores, workspace, words)
    return before, after, [after if sentence.key == cmd.key else sentence for sentence in report.sentences]


def _added(cmd: EditSentence, case: Case, report: Report, stores: Stores, workspace: Workspace, words: Words) -> _Edit:
    section = _find(cmd.key, report).section if cmd.key else cmd.section
    order = report.sections()
    if section not in order:
        raise InputError("section", f"There is no section {section!r}.", remedy=f"Choose one of {', '.join(order)}.")
    blank = replace(_NO_SENTENCE, key=_next_key(report), section=section)
    after = _of_person(cmd.text, blank, case, report.language, stores, workspace, words)
    ranks = [rank_of(section, order) >= rank_of(s.section, order) for s in report.sentences]
    at = max((i for i, before in enumerate(ranks) if before), default=-1) + 1
    if cmd.key:
        at = next(i for i, s in enumerate(report.sentences) if s.key == cmd.key) + 1
    return None, after, [*report.sentences[:at], after, *report.sentences[at:]]


def _removed(cmd: EditSentence, report: Report, stores: Stores) -> _Edit:
    before = _find(cmd.key, report)
    left = [sentence for sentence in report.sentences if sentence.key != cmd.key]
    said = {finding for sentence in left for finding in sentence.findings}
    for finding in stores.findings.of_case(cmd.case_id):
        if finding.materiality is Materiality.MAJOR and finding.id in before.findings and finding.id not in said:
            raise InputError(
                "key",
                f"The sentence says a major finding ({finding.code}), which every report must hold.",
                remedy="Edit it instead.",
            )
    return before, None, left


def _next_key(report: Report) -> str:
    numbers = [int(s.key[7:]) for s in report.sentences if s.key.startswith("person.") and s.key[7:].isdigit()]
    return f"person.{max(numbers, default=0) + 1}"


def _of_person(
    text: str,
    before: Sentence,
    case: Case,
    language: str,
    stores: Stores,
    workspace: Workspace,
    words: Words,
) -> Sentence:
    """The person's sentence in place of ``before``: its findings stay, its facts are those its figures match."""
    template = " ".join(text.split())
    judge = CaseJudge(case, language, stores, workspace.catalogue, words.lexicon)
    result = judge.check(template)
    prose = Prose(workspace.catalogue, words.phrases, language)
    by_name = {fact.name: fact for fact in judge.facts}
    return replace(
        before,
        text=prose.fill(template, by_name),
        template=template,
        author=Author.PERSON,
        state=State.ADOPTED if result.supported else State.FLAGGED,
        facts=result.facts,
        checks=dict(result.checks),
        fallback=None,
        rejected=None,
        problems=result.problems,
    )
