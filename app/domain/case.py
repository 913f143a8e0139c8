"""A case: one application, its documents and its decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.domain.layout import Segment, Sheet
    from app.domain.reading import Mark


class Status(StrEnum):
    """Where a case stands; it only moves forward, but for a new decision after a referral."""

    NEW = "new"
    SCORED = "scored"
    DRAFTED = "drafted"
    DECIDED = "decided"
    SIGNED = "signed"


class Outcome(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    REFER = "refer"
    COUNTER_OFFER = "counter-offer"


@dataclass(frozen=True, slots=True)
class Case:
    """The head of a case, as the queue and the case screen show it."""

    id: str  # "C-2026-000418"
    reference: str  # the lender's own number or the folder's name
    applicant: str
    product: str  # file stem in data/products, "instalment-loan"
    amount: Decimal | None
    currency: str
    term_months: int | None
    received_on: date | None
    language: str = "en"  # of the report: "en" or "zh"
    status: Status = Status.NEW
    points: int | None = None
    pd: Decimal | None = None  # 0..1
    grade: str | None = None
    policy_outcome: str | None = None  # "approve", "refer", "decline"

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "reference": self.reference,
            "applicant": self.applicant,
            "product": self.product,
            "amount": None if self.amount is None else format(self.amount, "f"),
            "currency": self.currency,
            "term_months": self.term_months,
            "received_on": None if self.received_on is None else self.received_on.isoformat(),
            "language": self.language,
            "status": self.status.value,
            "points": self.points,
            "pd": None if self.pd is None else format(self.pd, "f"),
            "grade": self.grade,
            "policy_outcome": self.policy_outcome,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Case:
        """Inverse of ``to_json``."""
        received = data["received_on"]
        return cls(
            id=data["id"],
            reference=data["reference"],
            applicant=data["applicant"],
            product=data["product"],
            amount=None if data["amount"] is None else Decimal(data["amount"]),
            currency=data["currency"],
            term_months=data["term_months"],
            received_on=None if received is None else date.fromisoformat(received),
            language=data["language"],
            status=Status(data["status"]),
            points=data["points"],
            pd=None if data["pd"] is None else Decimal(data["pd"]),
            grade=data["grade"],
            policy_outcome=data["policy_outcome"],
        )


@dataclass(frozen=True, slots=True)
class FileSign:
    """Something that speaks for a change of a file after it was made, seen when it was read."""

    code: str  # "pdf.fonts"
    words: str
    marks: tuple[Mark, ...] = ()  # where it shows

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "words": self.words, "evidence": [mark.to_json() for mark in self.marks]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | Sequence[str]) -> FileSign:
        """Inverse of ``to_json``; earlier versions kept a pair of code and words."""
        if not isinstance(data, Mapping):
            return cls(data[0], data[1])
        from app.domain.reading import Mark

        return cls(data["code"], data["words"], tuple(map(Mark.from_json, data["evidence"])))


@dataclass(frozen=True, slots=True)
class Document:
    """An original file of a case, known by its SHA-256."""

    sha256: str
    name: str  # file name as it came
    kind: str  # "application_form", "payslip", "bank_statement", "credit_report", "call_transcript", "image", ...
    media_type: str
    size: int  # bytes
    pages: int | None = None
    note: str = ""  # one line for the document list: "412 entries · balances add up"
    kind_confidence: float = 1.0  # probability that ``kind`` is right
    signs: tuple[FileSign, ...] = ()  # of tampering
    fingerprint: str | None = None  # of a picture: 1,024 bits as hexadecimal, alike for alike pictures
    sheets: tuple[Sheet, ...] = ()  # of pages that reading made upright
    segments: tuple[Segment, ...] = ()  # the documents in it, in order; none where it is one alone

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of the documents in it, each once; ``kind`` is the surest."""
        return tuple(dict.fromkeys(each.kind for each in self.segments)) or (self.kind,)

    def kind_at(self, page: int | None) -> str:
        """The kind of the document that a page is of."""
        found = (each.kind for each in self.segments if page is not None and each.first <= page <= each.last)
        return next(found, self.kind)

    def sheet(self, page: int) -> Sheet | None:
        """How a page is drawn so that boxes fit; None: as its file shows it."""
        return next((each for each in self.sheets if each.page == page), None)

    def to_json(self) -> dict[str, Any]:
        return {
            "sha256": self.sha256,
            "name": self.name,
            "kind": self.kind,
            "media_type": self.media_type,
            "size": self.size,
            "pages": self.pages,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Transaction:
    """One booked line of a bank statement; credits are positive."""

    booked_on: date
    amount: Decimal
    currency: str
    text: str
    balance: Decimal | None  # after the entry, where the statement gives it
    document: str  # SHA-256
    row: int  # line or entry number, from 1
    account: str = ""  # whose entry it is: IBAN or number without blanks; "" where the statement names none
    counterparty: str = ""  # as the statement names it apart from the text
    other_account: str = ""  # the counterparty's
    page: int | None = None  # from 1; documents of pages only
    box: tuple[float, float, float, float] | None = None  # of the entry's first line, in points of the upright page


@dataclass(frozen=True, slots=True)
class Reason:
    """A principal reason: its code and the fact actually used."""

    code: str  # of the reason-code list in the rule pack
    fact: str | None  # fact id
    text: str  # statement of the reason, in the case's language

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "fact": self.fact, "text": self.text}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reason:
        """Inverse of ``to_json``."""
        return cls(code=data["code"], fact=data["fact"], text=data["text"])


@dataclass(frozen=True, slots=True)
class FirstOpinion:
    """What the underwriter thought before the draft was shown."""

    outcome: Outcome
    person: str
    at: datetime

    def to_json(self) -> dict[str, Any]:
        return {"outcome": self.outcome.value, "person": self.person, "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FirstOpinion:
        """Inverse of ``to_json``."""
        return cls(Outcome(data["outcome"]), data["person"], datetime.fromisoformat(data["at"]))


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by whom, under which authority."""

    outcome: Outcome
    amount: Decimal | None
    currency: str
    term_months: int | None
    rate_pct: Decimal | None
    conditions: tuple[str, ...]
    reason_text: str
    reasons: tuple[Reason, ...]  # one to four for decline and counter-offer
    person: str
    role: str
    authority: str  # clause and limit, "authority 5.1: 15000 EUR"
    override: str | None
    decided_at: datetime  # UTC
    first_opinion: FirstOpinion | None = None
    reasons_method: str | None = None  # how the score ranked its reasons; None where no principal reasons are given
    despite: str | None = None  # why it stands although the report speaks for the request in what a reason names

    def to_json(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome.value,
            "amount": None if self.amount is None else format(self.amount, "f"),
            "currency": self.currency,
            "term_months": self.term_months,
            "rate_pct": None if self.rate_pct is None else format(self.rate_pct, "f"),
            "conditions": list(self.conditions),
            "reason": self.reason_text,
            "principal_reasons": [reason.to_json() for reason in self.reasons],
            "reasons_method": self.reasons_method,
            "person": self.person,
            "role": self.role,
            "authority": self.authority,
            "override": self.override,
            **({} if self.despite is None else {"despite_contradiction": self.despite}),
            "decided_at": self.decided_at.isoformat(),
            "first_opinion": self.first_opinion and self.first_opinion.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Decision:
        """Inverse of ``to_json``."""
        return cls(
            outcome=Outcome(data["outcome"]),
            amount=None if data["amount"] is None else Decimal(data["amount"]),
            currency=data["currency"],
            term_months=data["term_months"],
            rate_pct=None if data["rate_pct"] is None else Decimal(data["rate_pct"]),
            conditions=tuple(data["conditions"]),
            reason_text=data["reason"],
            reasons=tuple(Reason.from_json(reason) for reason in data["principal_reasons"]),
            person=data["person"],
            role=data["role"],
            authority=data["authority"],
            override=data["override"],
            decided_at=datetime.fromisoformat(data["decided_at"]),
            first_opinion=FirstOpinion.from_json(data["first_opinion"]) if data["first_opinion"] else None,
            reasons_method=data.get("reasons_method"),
            despite=data.get("despite_contradiction"),
        )
