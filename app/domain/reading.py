"""What a reader finds in a file, before any of it belongs to a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from app.domain.facts import FactValue, Source, SourceKind, value_to_json
from app.domain.layout import Segment

if TYPE_CHECKING:
    from app.domain.layout import Page


WAITS = "waits"
"""In ``ReadResult.extra`` of a document that was only looked at: it is to be read later."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One checked value of a catalogue fact and where it stands in the file."""

    name: str  # fact
    value: FactValue
    currency: str | None  # named beside the value; money only
    raw: str
    page: int | None = None  # from 1
    box: tuple[float, float, float, float] | None = None  # points from the page's top left: x0, y0, x1, y1
    path: str | None = None  # JSON path: "$.income.net_monthly"
    confidence: Decimal = Decimal(1)

    def source(self, document: str) -> Source:
        """The source of the fact made from this reading."""
        return Source(SourceKind.DOCUMENT, document, self.page, self.box, path=self.path, raw=self.raw)

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"name": self.name, "value": value_to_json(self.value), "raw": self.raw}
        for name in ("currency", "page", "path"):
            if getattr(self, name) is not None:
                out[name] = getattr(self, name)
        if self.box is not None:
            out["box"] = [f"{edge:.2f}" for edge in self.box]
        return out | {"confidence": str(self.confidence)}


@dataclass(frozen=True, slots=True)
class DocumentField:
    """One field of a document as its kind names it, and where it stands; some become facts too."""

    name: str  # of the field in the kind: "net_pay"
    value: str | int | bool  # amount and number as decimal text, date as ISO, period as "2026-10" or ISO/ISO
    raw: str  # as it stands on the page
    currency: str | None = None  # ISO 4217; amounts only
    page: int | None = None  # from 1
    box: tuple[float, float, float, float] | None = None  # points from the upright page's top left
    confidence: Decimal = Decimal(1)
    method: str = "label"  # or "near label", "table", "remainder", "pattern", "check digits", "form field", "model"
    fact: str | None = None  # that it became
    path: str | None = None  # JSON path, in forms that have no pages

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "raw": self.raw,
            "currency": self.currency,
            "page": self.page,
            "box": None if self.box is None else [f"{edge:.2f}" for edge in self.box],
            "confidence": str(self.confidence),
            "method": self.method,
            "fact": self.fact,
            "path": self.path,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DocumentField:
        box = data["box"] and tuple(float(edge) for edge in data["box"])
        return cls(**{**data, "box": box, "confidence": Decimal(data["confidence"])})


@dataclass(frozen=True, slots=True)
class Entry:
    """One booked line of a bank statement; credits are positive."""

    booked_on: date
    amount: Decimal
    currency: str  # "" where the statement names none
    text: str
    balance: Decimal | None
    row: int  # line or entry number, from 1
    value_on: date | None = None  # value date, where it is given beside the booking date
    account: str = ""  # IBAN or number without blanks; "" where the statement names none
    counterparty: str = ""  # where the statement names it apart from the text
    other_account: str = ""  # the counterparty's
    page: int | None = None  # from 1; documents of pages only
    box: tuple[float, float, float, float] | None = None  # points from the upright page's top left
    confidence: Decimal = Decimal(1)
    purpose: str = ""  # class by the shipped rules, as far as the entry alone tells; a case's ledger knows more

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "date": self.booked_on.isoformat(),
            "amount": format(self.amount, "f"),
            "currency": self.currency,
            "text": self.text,
            "balance": None if self.balance is None else format(self.balance, "f"),
            "row": self.row,
        }
        given = {
            "account": self.account,
            "counterparty": self.counterparty,
            "other_account": self.other_account,
            "purpose": self.purpose,
        }
        out |= {name: text for name, text in given.items() if text}
        if self.value_on is not None:
            out["value_date"] = self.value_on.isoformat()
        if self.box is not None:
            out |= {"page": self.page, "box": [f"{edge:.2f}" for edge in self.box], "confidence": str(self.confidence)}
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Entry:
        """Inverse of ``to_json``."""
        box, valued = data.get("box"), data.get("value_date")
        x0, y0, x1, y1 = (float(edge) for edge in box) if box else (0.0, 0.0, 0.0, 0.0)
        return cls(
            booked_on=date.fromisoformat(data["date"]),
            amount=Decimal(data["amount"]),
            currency=data["currency"],
            text=data["text"],
            balance=None if data["balance"] is None else Decimal(data["balance"]),
            row=data["row"],
            value_on=date.fromisoformat(valued) if valued else None,
            account=data.get("account", ""),
            counterparty=data.get("counterparty", ""),
            other_account=data.get("other_account", ""),
            page=data.get("page"),
            box=(x0, y0, x1, y1) if box else None,
            confidence=Decimal(data.get("confidence", "1")),
            purpose=data.get("purpose", ""),
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that a check points at."""

    page: int  # from 1
    box: tuple[float, float, float, float]  # points from the upright page's top left
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"page": self.page, "box": [f"{edge:.2f}" for edge in self.box], "text": self.text}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Mark:
        x0, y0, x1, y1 = map(float, data["box"])
        return cls(data["page"], (x0, y0, x1, y1), data["text"])


@dataclass(frozen=True, slots=True)
class Check:
    """What a reader verified of a file."""

    name: str  # "balances"
    passed: bool | None  # None: the file does not say enough to tell
    detail: str
    evidence: tuple[Mark, ...] = ()
    tampering: bool = False  # a failure is a sign that the file was changed after it was made

    def to_json(self) -> dict[str, Any]:
        severity = {True: "passed", False: "failed", None: "unknown"}[self.passed]
        return {
            "code": self.name,
            "severity": severity,
            "message": f"{self.name}: {self.detail}",
            "evidence": [mark.to_json() for mark in self.evidence],
            "name": self.name,
            "passed": self.passed,
            "detail": self.detail,
            "tampering": self.tampering,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Check:
        evidence = tuple(Mark.from_json(item) for item in data["evidence"])
        return cls(data["name"], data["passed"], data["detail"], evidence, data["tampering"])


@dataclass(frozen=True, slots=True)
class Problem:
    """A row, value or file that was not taken, and what to do about it."""

    line: int | None
    column: str | None
    reason: str
    remedy: str
    raw: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "line": self.line,
            "column": self.column,
            "reason": self.reason,
            "remedy": self.remedy,
            "raw": self.raw,
        }


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Everything read from one file; ``kind`` is told by its content, never by its name."""

    sha256: str
    size: int  # bytes
    kind: str  # "application_form", "payslip", "bank_statement", "credit_report", "call_transcript", "table", ...
    media_type: str
    pages: int | None = None
    language: str | None = None  # ISO 639-1, where the file shows it
    currency: str | None = None  # ISO 4217, where the file names one for all
    note: str = ""
    fields: tuple[Reading, ...] = ()  # what becomes facts
    details: tuple[DocumentField, ...] = ()  # what stands in the document, as its kind names it
    kind_confidence: float = 1.0  # probability that ``kind`` is right
    alternatives: tuple[tuple[str, float], ...] = ()  # other kinds it may be, with their probabilities, falling
    transactions: tuple[Entry, ...] = ()
    checks: tuple[Check, ...] = ()
    problems: tuple[Problem, ...] = ()
    unrecognised: tuple[str, ...] = ()  # keys or labels that match no fact
    extra: Mapping[str, Any] = field(default_factory=dict)  # JSON-ready, by kind: account, period, bureau, header, ...
    parts: tuple[Part, ...] = ()  # documents inside: attachments of a mail, files of an archive
    documents: tuple[Scanned, ...] = ()  # scanned one after the other into its pages; none where it is one alone
    seen: tuple[Page, ...] = ()  # pages that were recognised, to be kept; not in the JSON form

    @property
    def waits(self) -> bool:
        """Whether it was only looked at, and is to be read later."""
        return bool(self.extra.get(WAITS))

    @property
    def each(self) -> tuple[ReadResult, ...]:
        """The document, or each of those in its pages, as if it had come alone."""
        return tuple(
            replace(
                self,
                kind=one.kind,
                kind_confidence=one.kind_confidence,
                details=one.details,
                fields=one.fields,
                currency=one.currency,
                extra=one.extra,
                documents=(),
            )
            for one in self.documents
        ) or (self,)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Which pages are which document; none where it is one alone."""
        return tuple(Segment(*one.pages, one.kind, one.kind_confidence) for one in self.documents)

    def to_json(self) -> dict[str, Any]:
        documents = {"documents": [one.to_json() for one in self.documents]} if self.documents else {}
        return documents | {
            "sha256": self.sha256,
            "size": self.size,
            "kind": self.kind,
            "kind_confidence": round(self.kind_confidence, 4),
            "alternatives": [{"kind": kind, "confidence": round(chance, 4)} for kind, chance in self.alternatives],
            "media_type": self.media_type,
            "pages": self.pages,
            "language": self.language,
            "currency": self.currency,
            "note": self.note,
            "fields": [field.to_json() for field in self.details or map(_as_field, self.fields)],
            "facts": [reading.to_json() for reading in self.fields],
            "transactions": [entry.to_json() for entry in self.transactions],
            "checks": [check.to_json() for check in self.checks],
            "problems": [problem.to_json() for problem in self.problems],
            "unrecognised": list(self.unrecognised),
            "extra": dict(self.extra),
            "parts": [{"name": part.name, "at": list(part.at)} | part.found.to_json() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class Scanned:
    """One of several documents that were scanned into one file."""

    pages: tuple[int, int]  # first and last, from 1
    kind: str
    kind_confidence: float
    details: tuple[DocumentField, ...] = ()
    fields: tuple[Reading, ...] = ()
    currency: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)  # what it says of its subject and period

    def to_json(self) -> dict[str, Any]:
        return {
            "pages": list(self.pages),
            "kind": self.kind,
            "kind_confidence": round(self.kind_confidence, 4),
            "fields": [each.to_json() for each in self.details],
            "facts": [reading.to_json() for reading in self.fields],
            "currency": self.currency,
            "extra": dict(self.extra),
        }


@dataclass(frozen=True, slots=True)
class Part:
    """A document inside another file."""

    name: str  # as the mail or archive names it
    at: tuple[int, ...]  # its place in the file, then in the file within it
    found: ReadResult


def _as_field(reading: Reading) -> DocumentField:
    """A value that is named as its fact, as in a form of ours."""
    return DocumentField(
        name=reading.name,
        value=value_to_json(reading.value),
        raw=reading.raw,
        currency=reading.currency,
        page=reading.page,
        box=reading.box,
        confidence=reading.confidence,
        method="label" if reading.box else "form field",
        fact=reading.name,
        path=reading.path,
    )


@dataclass(frozen=True, slots=True)
class TableProfile:
    """The header of a table and some rows of it, for proposing a mapping."""

    header: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]  # rows as text, in the order of the header; missing cells are ""
    delimiter: str | None = None
    encoding: str | None = None

    def column(self, name: str) -> tuple[str, ...]:
        """Sampled cells of one column."""
        at = self.header.index(name)
        return tuple(row[at] if at < len(row) else "" for row in self.samples)


@dataclass(frozen=True, slots=True)
class TableRead:
    """What the checked reading of a table left in its hand-over file."""

    rows: int
    rejected: int
    note: str = ""
