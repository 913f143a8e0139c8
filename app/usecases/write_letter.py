"""Write a letter to an applicant: the notice of a decline, of what is missing, or of a counter-offer."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

from app.domain.case import Case, Decision, Document, Outcome, Reason
from app.domain.changes import Changes
from app.domain.derivation import by_name
from app.domain.facts import Catalogue, Stance
from app.domain.letters import Letter, Matter, Words, compose
from app.domain.notices import LetterKind
from app.domain.policy import Policy
from app.domain.policy_tables import PolicyReading
from app.domain.reason_conflicts import Conflict, conflicts
from app.domain.reasons import Factors, scored_reasons, supported_reasons
from app.domain.rulepacks import RulePack
from app.errors import InputError
from app.ports import Clock, Event, PolicyEngine, Stores, Workspace
from app.usecases.assess_case import closed
from app.usecases.assess_policy import policy_check
from app.usecases.lender import lender_of, pack_name
from app.usecases.notice_clock import LETTER_WRITTEN, judged_on, letters_given, local_day
from app.usecases.staging import staged

FORMATS = ("pdf", "docx")
CREDIT_REPORT = "credit_report"
_BASIS = ("payslip", "bank_statement", CREDIT_REPORT, "call_transcript")
_GAPS = (
    "income.unverified",
    "income.contradiction",
    "debt.undisclosed",
    "cashflow.balances_broken",
    "cashflow.statement_gap",
    "history.unreadable",
)
"""Findings that leave something open which the applicant can settle."""


class LetterMaker(Protocol):
    """Sets letters; the same letter gives the same bytes. ``letter`` is ``Letter.to_json()``."""

    def letter_pdf(self, letter: Mapping[str, Any]) -> bytes: ...
    def letter_docx(self, letter: Mapping[str, Any]) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Office:
    """What letters are written with, besides the case."""

    pack_of: Callable[[str, date], RulePack]  # name, day of the application
    words: Mapping[str, Words]  # by language
    policy_of: Callable[[Mapping[str, Any], str], Policy]  # document that the workspace keeps, name
    engine: PolicyEngine


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """Which letter. Dates left out: today (of a letter written before: its day), and the lender's usual time."""

    case_id: str
    kind: LetterKind
    language: str | None = None  # the case's own
    on: date | None = None
    answer_by: date | None = None
    ask: tuple[str, ...] = ()  # what a person asks for, besides what is missing


@dataclass(frozen=True, slots=True)
class LetterResult:
    """A letter that was written."""

    letter: Letter
    path: Path
    sha256: str
    size: int  # bytes
    pack: RulePack
    conflicts: tuple[Conflict, ...]  # sentences of the report that say the opposite of a reason
    changes: Changes = Changes.DECISION

    def to_json(self) -> dict[str, Any]:
        letter = self.letter
        return {
            "case": letter.case_id,
            "kind": letter.kind.value,
            "language": letter.language,
            "on": letter.on.isoformat(),
            "answer_by": letter.answer_by and letter.answer_by.isoformat(),
            "path": str(self.path),
            "format": self.path.suffix.lower().removeprefix("."),
            "size": self.size,
            "sha256": self.sha256,
            "pack": self.pack.name,
            "pack_version": self.pack.version,
            "reasons": list(letter.reasons),
            "draft": bool(letter.blanks),
            "blanks": list(letter.blanks),
            "contradictions": [each.to_json() for each in self.conflicts],
            "text": letter.texts(),
        }


def write_letter(
    request: LetterRequest,
    out: Path,
    workspace: Workspace,
    *,
    office: Office,
    maker: LetterMaker,
    person: str,
    clock: Clock,
) -> LetterResult:
    """Write the letter to ``out`` (PDF or DOCX, by its ending) and note it, with its SHA-256, in the audit chain.

    Raises ``InputError`` when the case's decision calls for no such letter, a reason of the decision rests on nothing
    that was scored or failed, or nothing is missing; ``EnvironmentFault`` when the file cannot be written.
    """
    form = out.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise InputError("out", f"{out.name} is neither a PDF nor a DOCX.", remedy="Let its name end in .pdf or .docx.")
    with staged(out, "letter") as write, workspace.transaction() as stores:
        draft = _Draft(request, stores, workspace.catalogue, office, local_day(clock.now()))
        letter = draft.letter()
        data = letter.to_json()
        content = maker.letter_pdf(data) if form == "pdf" else maker.letter_docx(data)
        digest = hashlib.sha256(content).hexdigest()
        stores.events.append(person, letter.case_id, LETTER_WRITTEN, draft.detail(letter) | _file(form, digest))
        against = draft.conflicts()
        write(content)
    return LetterResult(letter, out, digest, len(content), draft.pack, against)


def compose_letter(
    request: LetterRequest, workspace: Workspace, *, office: Office, clock: Clock
) -> tuple[Letter, tuple[Conflict, ...]]:
    """The letter as it would be written now, and what in the report contradicts it; nothing is noted."""
    with workspace.read() as stores:
        draft = _Draft(request, stores, workspace.catalogue, office, local_day(clock.now()))
        return draft.letter(), draft.conflicts()


def _file(form: str, digest: str) -> dict[str, str]:
    return {"format": form, "sha256": digest}


class _Draft:
    """One letter in the making, inside a transaction or a read."""

    def __init__(
        self, request: LetterRequest, stores: Stores, catalogue: Catalogue, office: Office, today: date
    ) -> None:
        self._request, self._stores, self._catalogue, self._office = request, stores, catalogue, office
        self.case: Case = stores.cases.get(request.case_id)
        self._language = request.language or self.case.language
        self._events: list[Event] = stores.events.of_case(self.case.id)
        self._today = today
        self.decision: Decision | None = stores.decisions.get(self.case.id)
        self._findings = tuple(stores.findings.of_case(self.case.id))
        self._facts = tuple(stores.facts.current(self.case.id))
        self._lender = lender_of(stores.settings)
        self.pack = office.pack_of(pack_name(stores.settings), judged_on(self.case, self._events) or today)
        self._asked: tuple[str, ...] = ()

    def letter(self) -> Letter:
        kind = self._request.kind
        matter = self._request_for_information() if kind is LetterKind.INCOMPLETE else self._action(kind)
        own = self.pack.own_language or self._language
        return compose(kind, matter, self._office.words[self._language], self._office.words[own], self._language)

    def detail(self, letter: Letter) -> dict[str, Any]:
        """What the audit chain keeps of it."""
        decided = self.decision.decided_at.isoformat() if self.decision else None
        return {
            "kind": letter.kind.value,
            "language": letter.language,
            "on": letter.on.isoformat(),
            "answer_by": letter.answer_by and letter.answer_by.isoformat(),
            "decision": None if letter.kind is LetterKind.INCOMPLETE else decided,
            "reasons": list(letter.reasons),
            "asked": list(self._asked),
            "pack": self.pack.name,
            "pack_version": self.pack.version,
            "draft": bool(letter.blanks),
        }

    def conflicts(self) -> tuple[Conflict, ...]:
        """Sentences of the report that contradict the reasons."""
        if self._request.kind is LetterKind.INCOMPLETE or self.decision is None:
            return ()
        report = self._stores.reports.get(self.case.id)
        return conflicts(self.decision.reasons, report, self._findings, self._facts)

    # -- a decline or a counter-offer

    def _action(self, kind: LetterKind) -> Matter:
        decision = self._decided(kind)
        used = self._factors()
        on = self._day(local_day(decision.decided_at))
        answer_by = None
        if kind is LetterKind.COUNTER_OFFER:
            answer_by = self._answer_by(on, self._lender.offer_days)
        policy = used.policy
        return Matter(
            case=self.case,
            on=on,
            lender=self._lender,
            pack=self.pack,
            decision=decision,
            reasons=self._reasons(decision, used),
            score=used.score,
            score_on=self._scored_on(decision),
            key_factors=tuple(each.text for each in scored_reasons(used))[: self.pack.most_reasons],
            bureau=self._bureau(),
            basis=("score", *(kind for kind in _BASIS if kind in self._kinds())),
            policy=f"{policy.policy} {policy.version}",
            answer_by=answer_by,
        )

    def _decided(self, kind: LetterKind) -> Decision:
        decision, case = self.decision, self.case.id
        if decision is None:
            remedy = "Decide the case, then write to the applicant."
            raise InputError(
                "decision", f"{case} has no decision yet, so there is nothing to give notice of.", remedy=remedy
            )
        outcome = decision.outcome
        if outcome is Outcome.REFER:
            raise InputError(
                "decision", f"{case} was referred, not decided.", remedy="Decide it, or ask for what is missing."
            )
        if outcome is Outcome.APPROVE:
            raise InputError("decision", f"{case} was approved: no notice of adverse action is owed.")
        if kind is LetterKind.COUNTER_OFFER and outcome is not Outcome.COUNTER_OFFER:
            raise InputError("kind", f"{case} was declined: no counter-offer was made.", remedy="Write --kind action.")
        offered = any(each.kind is LetterKind.COUNTER_OFFER for each in letters_given(self._events, decision))
        if kind is LetterKind.ACTION and outcome is Outcome.COUNTER_OFFER and not offered:
            why = f"{case} was answered with a counter-offer, and no letter has told the applicant of it yet."
            raise InputError(
                "kind", why, remedy="Write --kind counter-offer; --kind action is for an offer not accepted."
            )
        return decision

    def _factors(self) -> Factors:
        score, result = self._stores.scores.get(self.case.id), self._stores.policies.get(self.case.id)
        document = self._stores.policies.policy(result.sha256) if result else None
        if score is None or result is None or document is None:
            raise InputError(
                "case", f"{self.case.id} holds no score or policy result.", remedy="Score it, then decide it."
            )
        policy = self._office.policy_of(document, result.policy)
        return Factors(
            score=score,
            policy=result,
            findings=self._findings,
            facts=self._facts,
            catalogue=self._catalogue,
            clause_reason=PolicyReading(policy).reason,
            texts=policy.reasons,
            language=self._language,
        )

    def _reasons(self, decision: Decision, used: Factors) -> tuple[Reason, ...]:
        """The decision's reasons in the letter's language. Each must be one that a used factor supports."""
        supported = {reason.code: reason for reason in supported_reasons(used)}
        if not decision.reasons:
            raise InputError("reasons", f"The decision of {self.case.id} names no principal reason.")
        for reason in decision.reasons:
            if reason.code not in supported:
                raise InputError(
                    "reasons",
                    f"The decision of {self.case.id} names {reason.code} ({reason.text}), which nothing that was "
                    "scored and no clause that failed supports.",
                    remedy="A letter names only reasons that were used: decide the case anew with reasons of its own.",
                )
        return tuple(supported[reason.code] for reason in decision.reasons[: self.pack.most_reasons])

    def _scored_on(self, decision: Decision) -> date:
        assessed = [
            event.at for event in self._events if event.what == "case.assessed" and event.at <= decision.decided_at
        ]
        return local_day(assessed[-1] if assessed else decision.decided_at)

    def _documents(self) -> list[Document]:
        return self._stores.documents.of_case(self.case.id)

    def _kinds(self) -> set[str]:
        return {kind for document in self._documents() for kind in document.kinds}

    def _bureau(self) -> str | None:
        """The bureau whose report is in the file, by the report's own word; empty where it does not say."""
        reports = [document for document in self._documents() if document.kind == CREDIT_REPORT]
        if not reports:
            return None
        for document in reports:
            with contextlib.suppress(ValueError, AttributeError):
                name = json.loads(self._stores.documents.content(document.sha256)).get("bureau")
                if isinstance(name, str) and name.strip():
                    return " ".join(name.split())
        return ""

    # -- what is missing

    def _request_for_information(self) -> Matter:
        if closed(self.case, self._stores):
            raise InputError("decision", f"{self.case.id} has been decided: nothing more is asked of the applicant.")
        self._asked = tuple(dict.fromkeys([*self._missing(), *(" ".join(text.split()) for text in self._request.ask)]))
        self._asked = tuple(text for text in self._asked if text)
        if not self._asked:
            remedy = "Name what you need with --ask."
            raise InputError("ask", f"Nothing is missing in {self.case.id}, and no question is open.", remedy=remedy)
        received = judged_on(self.case, self._events)
        on = self._day(received if received and received <= self._today else None)
        answer_by = self._answer_by(on, self._lender.reply_days)
        return Matter(self.case, on, self._lender, self.pack, asked=self._asked, answer_by=answer_by)

    def _missing(self) -> Iterator[str]:
        """What the policy needs and has not, then what the findings leave open; never a prohibited basis."""
        words, language = self._office.words[self._language], self._language
        for name in self._missing_facts():
            definition = self._catalogue.get(name)
            label = definition.label.get(language, name) if definition else name
            yield words.get(f"ask.{name}", words["ask.other"].format(label=label))
        for finding in self._findings:
            if (finding.stance is Stance.ADVERSE or finding.relation == "absent") and finding.code in _GAPS:
                yield words[f"ask.{finding.code}"]

    def _missing_facts(self) -> tuple[str, ...]:
        score, result = self._stores.scores.get(self.case.id), self._stores.policies.get(self.case.id)
        document = self._stores.policies.policy(result.sha256) if result else None
        if result is None or document is None:
            return ()
        policy = self._office.policy_of(document, result.policy)
        facts = by_name(self._facts, self._catalogue)
        check = policy_check(facts, self.case, score, policy, self._office.engine)
        names = check.at(check.requested()).missing
        return tuple(name for name in names if not self._catalogue.prohibited(name) and not name.startswith("score."))

    # -- days

    def _day(self, earliest: date | None) -> date:
        """The letter's day; that of the same letter where it was written before, so that it stays the same letter."""
        on = self._request.on or self._written_before("on") or self._today
        if earliest is not None and on < earliest:
            what = "application" if self._request.kind is LetterKind.INCOMPLETE else "decision"
            raise InputError("date", f"{on} is before the {what}, {earliest}.", remedy="Give a later day.")
        return on

    def _answer_by(self, on: date, usual: int) -> date:
        wanted = self._request.answer_by
        if wanted is not None and wanted <= on:
            raise InputError(
                "answer_by", f"{wanted} is not after the day of the letter, {on}.", remedy="Give a later day."
            )
        return wanted or self._written_before("answer_by") or on + timedelta(days=usual)

    def _written_before(self, key: str) -> date | None:
        """A day of the same letter as it went out last; None where there is none, or another day is asked for."""
        if self._request.on is not None:
            return None
        kind, decided = self._request.kind, self.decision.decided_at.isoformat() if self.decision else None
        for event in reversed(self._events):
            detail = event.detail
            if event.what != LETTER_WRITTEN or detail.get("kind") != kind.value or detail.get("draft"):
                continue
            same = (
                tuple(detail["asked"]) == self._asked
                if kind is LetterKind.INCOMPLETE
                else detail["decision"] == decided
            )
            return date.fromisoformat(detail[key]) if same and detail.get(key) else None
        return None
