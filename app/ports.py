"""What the use cases need of the outside; ``app.bootstrap`` plugs the real things in, tests their doubles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.reading_ports import DocumentStore as DocumentStore

if TYPE_CHECKING:
    from app.asking_ports import MeaningStore
    from app.challenger_ports import ChallengerStore
    from app.domain.case import Case, Decision, Document, FirstOpinion, Status, Transaction
    from app.domain.facts import Catalogue, Fact, FactValue
    from app.domain.findings import Finding
    from app.domain.layout import Page, Sheet
    from app.domain.mapping import TableMapping
    from app.domain.pages import DrawnPage, Excerpt, FirstPage, TextLines
    from app.domain.policy import PolicyResult
    from app.domain.reading import ReadResult, TableProfile, TableRead
    from app.domain.register import Approval, ScorecardEntry
    from app.domain.report import Report
    from app.domain.score import Score
    from app.domain.scorecard import Scorecard
    from app.domain.transactions.rules import Rules
    from app.governance_ports import InventoryStore
    from app.policy_ports import PastCaseStore, PolicyDraftStore, PolicyVersionStore
    from app.reading_ports import FirstPageStore, KeptPages, PageStore, WaitingStore
    from app.watching_ports import MonitoringStore, OutcomeStore

Progress = Callable[[int, int | None, str], None]
"""``progress(done, total or None, what)``; raises ``Cancelled`` when the person has cancelled."""


def no_progress(done: int, total: int | None, what: str) -> None:
    """The progress of a caller that shows none."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Current time, UTC, aware."""


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """Sort, filter and search of the queue."""

    text: str = ""  # matches id, reference, applicant
    status: Status | None = None
    policy_outcome: str | None = None
    grade: str | None = None
    sort: str = "id"  # field of Case
    descending: bool = False


class Queue(Protocol):
    """One materialised answer to a ``QueueQuery``; pages come in constant time."""

    count: int

    def page(self, offset: int, limit: int) -> list[Case]: ...
    def index_of(self, case_id: str) -> int | None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Event:
    """One link of the audit chain: its hash covers the event and the hash before it."""

    seq: int
    at: datetime
    person: str
    case_id: str | None
    what: str  # "document.imported", "fact.corrected", "decision.recorded", ...
    detail: Mapping[str, Any]
    previous: str  # hex SHA-256
    digest: str  # hex SHA-256

    def to_json(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "person": self.person,
            "case_id": self.case_id,
            "what": self.what,
            "detail": dict(self.detail),
            "previous": self.previous,
            "digest": self.digest,
        }

    def expected_digest(self) -> str:
        """Hex SHA-256 of the event's canonical JSON without its digest; every store of events uses this one.

        ``detail`` holds only strings, whole numbers, booleans, null, lists and objects of them, so that sorted keys,
        no spaces and unescaped UTF-8 are RFC 8785.
        """
        body = {key: value for key, value in self.to_json().items() if key != "digest"}
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


def event_from_json(data: Mapping[str, Any]) -> Event:
    """Inverse of ``Event.to_json``. Raises ``KeyError``, ``TypeError`` or ``ValueError`` on anything else."""
    fields = dict(data)
    at, seq, detail = datetime.fromisoformat(fields.pop("at")), int(fields.pop("seq")), dict(fields.pop("detail"))
    return Event(seq=seq, at=at, detail=detail, **fields)


@dataclass(frozen=True, slots=True)
class Reject:
    """A row or file that did not go in, kept beside those that did."""

    id: int  # 0 until stored
    document: str  # SHA-256 of the file, or its name where it could not be read
    file: str
    line: int | None
    column: str | None
    reason: str
    remedy: str
    raw: str


class CaseStore(Protocol):
    def add(
        self,
        *,
        reference: str,
        applicant: str,
        product: str,
        amount: Decimal | None,
        currency: str,
        term_months: int | None,
        received_on: Any,
        language: str = "en",
    ) -> Case: ...
    def get(self, case_id: str) -> Case:
        """Raises ``InputError("case", ...)`` when there is none of that id."""

    def find_by_reference(self, reference: str) -> Case | None: ...
    def update_head(self, case: Case) -> None:
        """Store applicant, product, amount, currency, term, date and language of an existing case."""

    def set_status(self, case_id: str, status: Status) -> None: ...
    def count(self) -> int: ...
    def ids(self) -> Iterator[str]: ...


class FactStore(Protocol):
    def add(self, facts: Sequence[Fact]) -> None:
        """Append; a fact of an id already there is left as it is. ``supersedes`` retires the older one."""

    def current(self, case_id: str) -> list[Fact]:
        """Facts nothing supersedes, rows of application tables included, by name then id."""

    def history(self, case_id: str) -> list[Fact]: ...
    def get(self, fact_id: str, case_id: str | None = None) -> Fact:
        """A fact that stands in a table row is found only with its case. Raises ``InputError`` where there is none."""

    def retire(self, case_id: str, fact_ids: Sequence[str]) -> None:
        """Mark computed facts as no longer current (their inputs changed); they stay in the history."""


class FindingStore(Protocol):
    def replace(self, case_id: str, findings: Sequence[Finding]) -> None: ...
    def of_case(self, case_id: str) -> list[Finding]: ...


class TransactionStore(Protocol):
    def rules(self) -> Rules: ...  # by which lines are recognised; ``InputError`` for a broken file of the lender's
    def replace(self, case_id: str, document: str, transactions: Sequence[Transaction]) -> None: ...
    def of_case(self, case_id: str) -> list[Transaction]: ...


class ScoreStore(Protocol):
    def put(self, case_id: str, score: Score) -> None: ...
    def get(self, case_id: str) -> Score | None: ...
    def score_all(self, scorecard_json: Mapping[str, Any], progress: Progress) -> int:
        """Score every open case in SQL, in this transaction; returns how many."""

    def inputs(self, case_id: str, names: Sequence[str]) -> Mapping[str, Any]: ...
    def bins(self, scorecard: Scorecard, cases: Sequence[Mapping[str, FactValue | None]]) -> list[tuple[int, ...]]:
        """The bins (positions from 0) that the values of each case fall in, by the scorecard's SQL.

        A name that is absent is missing; nothing is derived. Raises ``InputError`` for a value of the wrong type.
        """

    def scored_by(self, case_id: str) -> str | None:
        """SHA-256 of the scorecard that made the case's score; None when it has no score."""

    def keep_scorecard(self, sha256: str, document: Mapping[str, Any]) -> None:
        """Keep the document of a scorecard as long as a score was made with it, whatever becomes of its file."""

    def scorecard(self, sha256: str) -> Mapping[str, Any] | None:
        """The document kept under that digest."""


class ScorecardStore(Protocol):
    """The register of scorecards."""

    def add(self, sha256: str, document: Mapping[str, Any], person: str, added_at: datetime) -> None:
        """Keep a version for good, whatever becomes of its file; one that is there stays as it is."""

    def entries(self) -> list[ScorecardEntry]:
        """Every version, in order of arrival."""

    def cases(self, sha256: str) -> int:
        """How many cases have a score made with that document."""

    def approve(self, sha256: str, approval: Approval) -> None: ...
    def use(self, sha256: str, person: str, at: datetime) -> None: ...
    def in_use(self) -> str | None:
        """SHA-256 of the version put in use last; None where none ever was."""


class PolicyStore(Protocol):
    def keep_policy(self, sha256: str, document: Mapping[str, Any]) -> None:
        """Keep the document of a policy for good, whatever becomes of its file."""

    def policy(self, sha256: str) -> Mapping[str, Any] | None:
        """The document kept under that digest."""

    def put(self, case_id: str, result: PolicyResult) -> None:
        """Keep the result; its policy must be kept before (``LookupError`` where it is not)."""

    def get(self, case_id: str) -> PolicyResult | None: ...


class ReportStore(Protocol):
    def put(self, case_id: str, report: Report) -> None:
        """Keep the report; the one before it stays in the history."""

    def get(self, case_id: str) -> Report | None: ...


class DecisionStore(Protocol):
    def put(self, case_id: str, decision: Decision) -> None: ...
    def get(self, case_id: str) -> Decision | None: ...
    def put_opinion(self, case_id: str, opinion: FirstOpinion) -> None: ...
    def opinion(self, case_id: str) -> FirstOpinion | None: ...


class EventStore(Protocol):
    def append(self, person: str, case_id: str | None, what: str, detail: Mapping[str, Any]) -> Event: ...
    def of_case(self, case_id: str) -> list[Event]: ...
    def verify(self) -> int | None:
        """Sequence number of the first broken link; None if the chain holds."""


class RejectStore(Protocol):
    def add(self, rejects: Sequence[Reject]) -> None: ...
    def all(self) -> list[Reject]: ...
    def remove(self, ids: Sequence[int]) -> None: ...


class MappingStore(Protocol):
    """Column mappings by the shape of the file (hash of its header)."""

    def put(self, shape: str, toml: str) -> None: ...
    def get(self, shape: str) -> str | None: ...


class SettingStore(Protocol):
    def put(self, key: str, value: str) -> None: ...
    def get(self, key: str, default: str = "") -> str: ...


class Stores(Protocol):
    """The repositories inside one transaction or one read."""

    @property
    def cases(self) -> CaseStore: ...
    @property
    def documents(self) -> DocumentStore: ...
    @property
    def facts(self) -> FactStore: ...
    @property
    def findings(self) -> FindingStore: ...
    @property
    def transactions(self) -> TransactionStore: ...
    @property
    def scores(self) -> ScoreStore: ...
    @property
    def scorecards(self) -> ScorecardStore: ...
    @property
    def policies(self) -> PolicyStore: ...
    @property
    def policy_versions(self) -> PolicyVersionStore: ...
    @property
    def policy_drafts(self) -> PolicyDraftStore: ...
    @property
    def past_cases(self) -> PastCaseStore: ...
    @property
    def reports(self) -> ReportStore: ...
    @property
    def decisions(self) -> DecisionStore: ...
    @property
    def events(self) -> EventStore: ...
    @property
    def rejects(self) -> RejectStore: ...
    @property
    def mappings(self) -> MappingStore: ...
    @property
    def settings(self) -> SettingStore: ...
    @property
    def challengers(self) -> ChallengerStore: ...
    @property
    def inventory(self) -> InventoryStore: ...
    @property
    def outcomes(self) -> OutcomeStore: ...
    @property
    def monitoring(self) -> MonitoringStore: ...
    @property
    def waiting(self) -> WaitingStore: ...
    @property
    def pages(self) -> PageStore: ...
    @property
    def first_pages(self) -> FirstPageStore: ...
    @property
    def meanings(self) -> MeaningStore: ...

    def ingest_rows(self, incoming: Path, key: str, document: Document, progress: Progress) -> int:
        """Take checked rows over from a reader's encrypted hand-over file; returns how many cases were added."""


class Workspace(Protocol):
    """The one door to the stored data. ``transaction`` is for the write lane, ``read`` for any thread."""

    @property
    def path(self) -> Path: ...
    @property
    def catalogue(self) -> Catalogue: ...

    def transaction(self) -> AbstractContextManager[Stores]:
        """Commits on clean exit, else rolls back."""

    def read(self) -> AbstractContextManager[Stores]: ...
    def queue(self, query: QueueQuery) -> Queue: ...
    def interrupt(self, thread: int | None = None) -> None:
        """Stop the work of the thread of that ``threading.get_ident()``, or of all; it raises ``Cancelled``."""

    def close(self) -> None: ...


class Readers(Protocol):
    """Reads files in a child process; each call raises ``InputError`` for the whole file, or ``Cancelled``."""

    def read_file(self, path: Path, *, put_off: bool = False, progress: Progress = no_progress) -> ReadResult:
        """Tell the kind of a file and read what it holds; of a table only the kind (``extra["form"]``).

        With ``put_off`` a document that would take long is only looked at (``ReadResult.waits``). Documents inside a
        mail or an archive are read as ``ReadResult.parts``.
        """

    def read_content(
        self,
        name: str,
        content: bytes,
        kind: str | None = None,
        *,
        pages: KeptPages | None = None,
        progress: Progress = no_progress,
    ) -> ReadResult:
        """Read bytes that are kept, under a kind that a person gave, if any; a form that tells its kind keeps it.

        ``pages`` are not recognised again, and get what is recognised, page by page.
        """

    def part_content(self, path: Path, at: Sequence[int]) -> bytes:
        """Bytes of a document inside a file, by its ``Part.at``."""

    def profile_table(
        self, path: Path, form: str, *, at: Sequence[int] = (), progress: Progress = no_progress
    ) -> TableProfile:
        """Header and some rows; ``at`` says which part of a mail or an archive is the table."""

    def read_table(
        self,
        path: Path,
        form: str,
        mapping: TableMapping,
        out: Path,
        key: str,
        year: int,
        *,
        at: Sequence[int] = (),
        progress: Progress = no_progress,
    ) -> TableRead:
        """Check every row into the hand-over file ``out``, encrypted under ``key``."""

    def read_rows(
        self,
        rows: Sequence[tuple[int, str]],
        header: Sequence[str],
        delimiter: str,
        mapping: TableMapping,
        out: Path,
        key: str,
        year: int,
        *,
        progress: Progress = no_progress,
    ) -> TableRead:
        """Check corrected rows (line, raw) like ``read_table``."""

    def cancel(self) -> None:
        """Stop the running call within 200 ms; callable from any thread."""

    def close(self) -> None: ...


class Pages(Protocol):
    """Shows documents from a child process of its own, which holds the last few.

    ``content`` is called, on the caller's thread, when the child does not hold the document. Each call raises
    ``InputError``, whose ``field`` names what is wrong (``pdf.locked``, ``page.died``, ...), ``Cancelled``, or what
    ``content`` raises.
    """

    def start(self) -> None:
        """Start the child ahead of the first page."""

    def draw(
        self,
        sha256: str,
        content: Callable[[], bytes],
        page: int,
        width: int,
        *,
        sheet: Sheet | None = None,
        progress: Progress = no_progress,
    ) -> DrawnPage:
        """Draw a page of a PDF or picture about ``width`` pixels wide; one past the end gives the last.

        ``sheet`` is how reading made the page upright (``Document.sheet``); without it the page is as its file has it.
        """

    def first_page(
        self, content: Callable[[], bytes], sheet: Sheet | None, *, progress: Progress = no_progress
    ) -> FirstPage: ...
    def draw_first(
        self, sha256: str, page: FirstPage, width: int, *, progress: Progress = no_progress
    ) -> DrawnPage: ...
    def excerpt(
        self, sha256: str, content: Callable[[], bytes], row: int, *, progress: Progress = no_progress
    ) -> Excerpt:
        """Rows of a table (CSV, XLSX, Parquet) around one of them."""

    def lines(
        self,
        sha256: str,
        content: Callable[[], bytes],
        shape: str,
        *,
        rows: tuple[int, ...] = (),
        path: str | None = None,
        row: int | None = None,
        raw: str | None = None,
        progress: Progress = no_progress,
    ) -> TextLines:
        """Lines of a text of a shape ("json", "xml", "ofx", "text"); marked are a path, entries, a line, or words."""

    def words(self, sha256: str, content: Callable[[], bytes], page: int, *, progress: Progress = no_progress) -> Page:
        """Words of a page of a PDF or picture; kept, and found in another child than pages are drawn in."""

    def cancel(self) -> None:
        """Stop the running call within 200 ms, but for ``words``; callable from any thread."""

    def cancel_words(self) -> None:
        """Stop ``words`` within 200 ms; callable from any thread."""

    def close(self) -> None: ...


class PolicyEngine(Protocol):
    """Evaluates one JDM document; holds no state of a case."""

    def evaluate(self, policy: Mapping[str, Any], inputs: Mapping[str, Any]) -> Mapping[str, Any]: ...


class Signer(Protocol):
    """The person's signing keys (Ed25519 for JSON, ECDSA P-256 for the PDF)."""

    person: str
    role: str

    def sign(self, payload: bytes) -> bytes:
        """Raw Ed25519 signature."""

    def public_key_pem(self) -> bytes: ...
    def sign_pdf(self, pdf: bytes, *, at: datetime, reason: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """What the one PAdES signature of a report says."""

    intact: bool  # the signed bytes are as they were, and they are the whole file
    valid: bool  # the signature is that of the certificate's key
    person: str  # common name of the certificate
    key: str  # Ed25519 key id that the certificate names (subject serial number)
    detail: str = ""  # why not, where not


class PackageChecker(Protocol):
    """The cryptography that verifying a package needs; never raises on hostile bytes."""

    def signature_holds(self, public_key_pem: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the Ed25519 signature is that key's over that message."""

    def pdf_signature(self, pdf: bytes) -> PdfSignature: ...


class Renderer(Protocol):
    """Makes the report PDF; the same input gives the same bytes."""

    def report_pdf(self, data: Mapping[str, Any]) -> bytes: ...


class Cipher(Protocol):
    """AES-256-GCM under the workspace's data key; ``name`` is bound as associated data."""

    def seal(self, name: str, plain: bytes) -> bytes: ...
    def open(self, name: str, sealed: bytes) -> bytes:
        """Raises ``EnvironmentFault`` when the bytes were damaged or sealed under another name or key."""
