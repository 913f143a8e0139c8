"""A desk for the tests of the window's shell: the in-memory workspace with invented cases, and a million of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from app.adapters.policy_engine import ZenPolicyEngine
from app.bootstrap.challengers import ChallengerDesk
from app.bootstrap.inventory import InventoryDesk
from app.bootstrap.letters import LetterDesk
from app.bootstrap.policies import PolicyBook
from app.bootstrap.reading import ReadingDesk
from app.bootstrap.register import Register
from app.domain.case import Case, Status
from app.domain.policy import PolicyResult
from app.domain.report_kinds import ReportKind
from app.domain.score import Score
from app.ports import Progress, QueueQuery, Reject
from app.usecases.repair_rejects import RepairRejects
from data.policy_files import load_policy
from data.readers.client import Readers
from data.readers.pages import Pages
from data.report_kinds import load_kinds
from data.scorecard_files import load_scorecard
from tests.doubles import FixedClock, MemoryWorkspace
from tests.views.case_desk import PAGES

NAMES = ("Ada Lund", "Bo Ek", "Chen Wei", "Dana Novak", "Eli Berg", "Fatima Noor", "Goran Ilic", "Hanna Virtanen")
STATUSES = tuple(Status)
GRADES = ("A", "B", "C", "D")
OUTCOMES = ("approve", "refer", "decline")


@dataclass
class ShellDesk:
    """The fields of a desk that the shell reads."""

    workspace: Any
    person: str = "Vera Holm"
    role: str = "underwriter"
    key_kept_by: str = "passphrase"
    clock: FixedClock = field(default_factory=FixedClock)
    closed: bool = False
    upgrade: Any = None
    warn: Any = None
    slow: float = 0.0  # seconds a line
    pages: Pages = PAGES
    imports: list[tuple[list[Path], Mapping[str, Any] | None]] = field(default_factory=list)

    @cached_property
    def policy(self) -> Any:
        return load_policy("instalment-loan")

    @cached_property
    def policies(self) -> PolicyBook:
        return PolicyBook(self)  # type: ignore[arg-type]

    def forget_policy(self) -> None:
        self.__dict__.pop("policy", None)

    def scorecard(self) -> Any:
        return load_scorecard("credit-data", self.catalogue)

    @cached_property
    def register(self) -> Register:
        return Register(self)  # type: ignore[arg-type]

    @cached_property
    def challengers(self) -> ChallengerDesk:
        return ChallengerDesk(self)  # type: ignore[arg-type]

    @cached_property
    def inventory(self) -> InventoryDesk:
        return InventoryDesk(self)  # type: ignore[arg-type]

    def setting(self, key: str, default: str = "") -> str:
        with self.workspace.read() as stores:
            return str(stores.settings.get(key, default))

    @cached_property
    def engine(self) -> Any:
        return ZenPolicyEngine()

    @cached_property
    def letters(self) -> LetterDesk:
        return LetterDesk(self)

    @cached_property
    def reading(self) -> ReadingDesk:
        return ReadingDesk(self)  # type: ignore[arg-type]

    @property
    def catalogue(self) -> Any:
        return self.workspace.catalogue

    def report_kinds(self) -> dict[str, ReportKind]:
        return load_kinds()

    @property
    def path(self) -> Path:
        path: Path = self.workspace.path
        return path

    def keep_setting(self, key: str, value: str) -> None:
        with self.workspace.transaction() as stores:
            stores.settings.put(key, value)
        if key == "person.name":
            self.person = value
        if key == "person.role":
            self.role = value

    @cached_property
    def readers(self) -> Any:
        return Readers()

    def import_files(
        self, paths: Sequence[Path], mapping: Mapping[str, Any] | None, progress: Progress, *, put_off: bool = False
    ) -> ShellImport:
        """Stores a case a line of a table, or one a folder; keeps what it was asked for in ``imports``."""
        self.imports.append((list(paths), mapping))
        result = ShellImport()
        for path in paths:
            lines = path.read_text().splitlines()[1:] if path.is_file() else [path.name]
            for number, line in enumerate(lines, 1):
                progress(number, len(lines), "rows")
                if self.slow:
                    time.sleep(self.slow)
                self._store(line, path, number, result)
        return result

    def _store(self, line: str, path: Path, number: int, result: ShellImport) -> None:
        with self.workspace.transaction() as stores:
            if "?" in line:
                reject = Reject(0, "0" * 64, path.name, number + 1, "Amount", "“?” is no number.", "Correct it.", line)
                stores.rejects.add([reject])
                result.rejected += 1
                return
            made = stores.cases.add(
                reference=line, applicant=line.split(",")[0], product="instalment-loan", amount=None, currency="EUR",
                term_months=None, received_on=None,
            )  # fmt: skip
        result.case_ids.append(made.id)
        result.cases += 1
        result.rows += path.suffix == ".csv"

    def repair_rejects(self, given: RepairRejects, progress: Progress) -> ShellImport:
        result = ShellImport()
        with self.workspace.transaction() as stores:
            kept = {one.id: one for one in stores.rejects.all()}
            stores.rejects.remove(list(given.rows))
        for number, line in given.rows.items():
            self._store(line, Path(kept[number].file), (kept[number].line or 1) - 1, result)
        return result

    def export_rejects(self, path: Path) -> Path:
        with self.workspace.read() as stores:
            path.write_text("\n".join(one.raw for one in stores.rejects.all()))
        return path

    def close(self) -> None:
        self.closed = True
        if "readers" in self.__dict__:
            self.readers.close()


@dataclass
class ShellImport:
    """What an import returns."""

    cases: int = 0
    documents: int = 0
    rows: int = 0
    rejected: int = 0
    waiting: int = 0
    case_ids: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def filled_workspace(count: int) -> MemoryWorkspace:
    """``count`` cases, each with another status, score and outcome."""
    workspace = MemoryWorkspace(path=Path("memory"))
    with workspace.transaction() as stores:
        for number in range(count):
            wanted = invented_case(number)
            case = stores.cases.add(
                reference=wanted.reference,
                applicant=wanted.applicant,
                product=wanted.product,
                amount=wanted.amount,
                currency=wanted.currency,
                term_months=wanted.term_months,
                received_on=wanted.received_on,
            )
            stores.cases.set_status(case.id, wanted.status)
            if wanted.points is not None:
                stores.scores.put(case.id, _score(wanted))
                stores.policies.keep_policy("0" * 64, {})
                stores.policies.put(case.id, _policy(wanted))
    return workspace


def invented_case(number: int) -> Case:
    """The case of that number, always the same."""
    scored = number % 5 > 0
    points = 430 + number * 37 % 320
    return Case(
        id=f"C-2026-{number + 1:06d}",
        reference=f"LN-{70000 + number}",
        applicant="" if number % 7 == 6 else NAMES[number % len(NAMES)],
        product="instalment-loan",
        amount=Decimal(1500 + number * 731 % 28000).quantize(Decimal("0.01")),
        currency="EUR",
        term_months=(12, 24, 36, 48, 60)[number % 5],
        received_on=date(2026, 10, 28) - timedelta(days=number % 300),
        status=STATUSES[number % 5],
        points=points if scored else None,
        pd=(Decimal(760 - points) / 1000).quantize(Decimal("0.000001")) if scored else None,
        grade=GRADES[number % 4] if scored else None,
        policy_outcome=OUTCOMES[number % 3] if scored else None,
    )


def _score(case: Case) -> Score:
    assert case.points is not None
    assert case.pd is not None
    assert case.grade is not None
    return Score("test", "1", "0" * 64, case.points, case.pd, case.grade, (), (), 300, 800)


def _policy(case: Case) -> PolicyResult:
    return PolicyResult("test", "1", "0" * 64, case.policy_outcome or "", (), None, None, None)


class ManyCases(MemoryWorkspace):
    """A workspace whose queue answers with ``count`` cases made as they are asked for; counts the pages served."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.case_count = count
        self.pages: list[int] = []
        self.asked_by: set[int] = set()  # threads

    def queue(self, query: QueueQuery) -> Any:
        return _ManyQueue(self)


class _ManyQueue:
    def __init__(self, workspace: ManyCases) -> None:
        self._workspace = workspace
        self.count = workspace.case_count
        self.closed = False

    def page(self, offset: int, limit: int) -> list[Case]:
        self._workspace.pages.append(offset)
        self._workspace.asked_by.add(threading.get_ident())
        return [invented_case(number) for number in range(offset, min(offset + limit, self.count))]

    def index_of(self, case_id: str) -> int | None:
        return int(case_id[-6:]) - 1

    def close(self) -> None:
        self.closed = True
