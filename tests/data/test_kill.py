"""Kill the process at any moment: what it acknowledged is there, and the next start needs no repair."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

OpenFolder = Callable[..., "StoredWorkspace"]

WRITER = """
import hashlib, sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from app.adapters.cipher import AesGcmCipher
from app.domain.case import Document, Status
from app.domain.facts import Source, SourceKind, new_fact
from app.domain.report import Report
from data.workspace import open_workspace
from tests.doubles import FixedClock

workspace = open_workspace(Path(sys.argv[1]), lambda path: bytes(range(32)), AesGcmCipher, clock=FixedClock())
print("open", flush=True)
number = int(sys.argv[2])
while True:
    number += 1
    content = f"document {number} ".encode() * 3000
    digest = hashlib.sha256(content).hexdigest()
    with workspace.transaction() as stores:
        case = stores.cases.add(reference=f"R-{number}", applicant="X", product="p", amount=Decimal(number),
                                currency="EUR", term_months=1, received_on=date(2026, 1, 1))
        stores.documents.add(case.id, Document(digest, "d", "k", "m", len(content)), content)
        source = Source(SourceKind.DOCUMENT, document=digest)
        stores.facts.add([new_fact(case.id, f"fact.{at}", at, "count", source) for at in range(600)])
        stores.events.append("writer", case.id, "document.imported", {"number": number})
    print(f"imported {number}", flush=True)
    with workspace.transaction() as stores:
        stores.reports.put(case.id, Report(case.id, "en", ()))
        stores.cases.set_status(case.id, Status.DRAFTED)
        stores.events.append("writer", case.id, "report.drafted", {"number": number})
    print(f"drafted {number}", flush=True)
"""


def write_until_killed(folder: Path, root: Path, first: int, count: int, delay: float) -> list[str]:
    """Run the writer, kill it ``delay`` seconds after its ``count``-th acknowledgement, return all it acknowledged."""
    arguments = [sys.executable, "-c", WRITER, str(folder), str(first)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        lines = [process.stdout.readline().rstrip("\n") for _ in range(count)]
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.read().split("\n")[:-1]  # behind the last line end stands at most half a line
    assert process.returncode == -signal.SIGKILL, "the writer must not end by itself"
    return lines


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_every_acknowledged_write_survives_a_kill_at_a_random_moment(open_folder: OpenFolder, root: Path) -> None:
    chance = random.Random(20261028)
    workspace = open_folder()
    folder = workspace.path
    workspace.close()
    acknowledged: set[str] = set()
    for _ in range(5):
        first = max((int(line.split()[1]) for line in acknowledged), default=0) + 1000
        acknowledged |= set(write_until_killed(folder, root, first, chance.randrange(7), chance.uniform(0, 0.3)))
        workspace = open_folder()
        check(workspace, acknowledged)
        workspace.close()
    assert len(acknowledged) > 10, "too little was written for the kills to hit anything"


def check(workspace: StoredWorkspace, acknowledged: set[str]) -> None:
    """Everything acknowledged is there, whole; what is there besides is whole too; no file is left over."""
    with workspace.read() as stores:
        assert stores.events.verify() is None
        cases = [stores.cases.get(case_id) for case_id in stores.cases.ids()]
        stored = set()
        for case in cases:
            number = int(case.reference.removeprefix("R-"))
            stored.add(f"imported {number}")
            (document,) = stores.documents.of_case(case.id)
            assert hashlib.sha256(stores.documents.content(document.sha256)).hexdigest() == document.sha256
            assert len(stores.facts.current(case.id)) == 600
            drafted = stores.reports.get(case.id) is not None
            assert (case.status.value == "drafted") == drafted
            assert len(stores.events.of_case(case.id)) == 1 + drafted
            if drafted:
                stored.add(f"drafted {number}")
    assert acknowledged <= stored
    assert list((workspace.path / "tmp").iterdir()) == []
