"""What the policy room does off the UI thread: reading the versions, checking a document, running its examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.bootstrap.policies import Listed
from app.domain.policy_examples import ExampleResult
from app.domain.policy_versions import Activation, Change, PolicyDraft, changes
from app.domain.price_table import PriceTable
from app.domain.simulation import Period, Simulation
from app.errors import EnvironmentFault, InputError
from app.ports import Progress, no_progress
from app.usecases.check_policy import PolicyReport

Document = Mapping[str, Any]
STATES = ("draft", "waiting", "active", "retired")


@dataclass(frozen=True)
class Entry:
    """One line of the list of versions: a draft, or a version with what became of it."""

    key: str  # "draft:<id>", else the SHA-256
    state: str  # of STATES
    policy: str
    version: str
    person: str  # who works on it or added it; empty for the policy that ships
    at: str  # when, ISO 8601; empty for the policy that ships
    note: str
    document: Document
    base: str = ""  # of a draft: SHA-256 of the version it was made from
    activations: tuple[Activation, ...] = ()
    added: bool = True  # whether it was taken into the workspace, so that it can be activated

    @property
    def editable(self) -> bool:
        return self.state == "draft"

    @property
    def draft_id(self) -> str:
        return self.key.removeprefix("draft:")


@dataclass(frozen=True)
class Room:
    """Every version, drafts first, then the one in force, then the newest."""

    entries: list[Entry]
    grades: tuple[str, ...]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """What a check of a document found, and what its examples came to; ``refused`` says why they could not be run."""

    report: PolicyReport
    results: tuple[ExampleResult, ...]
    refused: str = ""
    tests: int = 0  # examples in the document


def read_room(desk: Any) -> Room:
    """The versions and drafts of the desk. For the ``read`` lane."""
    book = desk.policies
    versions = [_version(book, each) for each in reversed(book.listed())]
    drafts = [_draft(each) for each in reversed(book.drafts())]
    order = {"active": 0, "waiting": 1, "retired": 2}
    return Room([*drafts, *sorted(versions, key=lambda each: order[each.state])], book.grades())


def _draft(draft: PolicyDraft) -> Entry:
    key = f"draft:{draft.id}"
    return Entry(
        key, "draft", draft.policy, draft.version, draft.person, draft.changed_at, "", draft.document, draft.base
    )


def _version(book: Any, listed: Listed) -> Entry:
    added = listed.version
    document = book.document(listed.sha256 if added else listed.policy)[0] if added else _shipped(listed.policy)
    return Entry(
        listed.sha256,
        listed.state,
        listed.policy,
        listed.label,
        added.person if added else "",
        added.added_at if added else "",
        added.note if added else "",
        document,
        activations=listed.activations,
        added=added is not None,
    )


def _shipped(name: str) -> Document:
    from data.policy_files import load_policy

    return load_policy(name).document


def check(desk: Any, document: Document, name: str, progress: Progress = no_progress) -> Checked:
    """Check the tables, and run the examples where the document can be used at all. For the ``read`` lane."""
    book = desk.policies
    report = book.check_document(document, name, progress=progress)
    listed = document.get("tests")
    count = len(listed) if isinstance(listed, list) else 0
    try:
        return Checked(report, book.test_policy(book.read(document, name)), tests=count)
    except InputError as exc:
        return Checked(report, (), exc.message, count)


def take_in(desk: Any, path: Path) -> str:
    """Add a policy file to the workspace; its SHA-256. For the ``write`` lane."""
    added: str = desk.policies.add(str(path)).sha256
    return added


def write_out(document: Document, path: Path) -> Path:
    """Write a document as a JDM file; raises ``EnvironmentFault``. For ``documents``."""
    import json

    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as exc:
        raise EnvironmentFault(
            f"{path.name} cannot be written: {exc.strerror or exc}.", remedy="Choose another folder."
        ) from exc
    return path


def compare(old: Document, new: Document) -> tuple[Change, ...]:
    """What differs from one document to another."""
    return changes(old, new)


def simulate(
    desk: Any, entry: Entry, against: Entry | None, period: Period, lgd_pct: Decimal | None, progress: Progress
) -> Simulation:
    """Put a version before the past cases. For the ``read`` lane; ``progress`` cancels."""
    book = desk.policies
    candidate = book.read(entry.document, entry.policy)
    other = None if against is None else book.read(against.document, against.policy)
    found: Simulation = book.simulate(candidate, other, lgd_pct, progress, period)
    return found


def prices(desk: Any, entry: Entry, document: Document, currency: str, amount: Decimal) -> PriceTable:
    """What the price grid of a document comes to. For the ``read`` lane."""
    book = desk.policies
    found: PriceTable = book.prices(book.read(document, entry.policy), currency, amount)
    return found


def cases_named(desk: Any, ids: Sequence[str]) -> list[tuple[str, str]]:
    """Id and applicant of cases, for lists. For the ``read`` lane."""
    with desk.workspace.read() as stores:
        return [(each, stores.cases.get(each).applicant) for each in ids]
