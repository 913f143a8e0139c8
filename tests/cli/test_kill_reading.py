"""Kill -9 in the middle of a long scan: everything is there, and no page that was recognised is recognised again."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app import bootstrap
from app.adapters import keys
from app.cli import run
from tests.cli.conftest import DERIVED
from tests.scans import payslip_scan

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
PAGES, KILLED_AT = 10, 3


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "passphrase").write_text("correct horse\n")
    monkeypatch.setattr(keys, "SCRYPT_N", 2**15)
    monkeypatch.setattr(keys, "_derived", DERIVED)
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.setenv("CASEWORTH_WORKSPACE", str(tmp_path / "desk"))
    assert run(["init", str(tmp_path / "desk"), "--person", "A. Lind", "--no-keyring"]) == 0
    return tmp_path / "desk"


def resumed(root: Path, *, kill_at: int | None = None) -> int:
    """Read what waits in a process of its own, and return how many pages it recognised; killed after ``kill_at``."""
    arguments = [sys.executable, "-m", "app", "--debug-sql", "import", "--resume"]
    kept = 0
    with subprocess.Popen(arguments, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        writing = False
        for line in process.stderr:
            writing |= 'INSERT INTO "recognised_pages"' in line
            if writing and line.rstrip().endswith(" ms  COMMIT"):
                kept, writing = kept + 1, False
            if kept == kill_at:
                children = psutil.Process(process.pid).children(recursive=True)
                process.send_signal(signal.SIGKILL)
                process.stderr.read()
                assert not psutil.wait_procs(children, timeout=10)[1], "a child went on without its desk"
                break
    assert process.returncode == (0 if kill_at is None else -signal.SIGKILL)
    return kept


def test_a_scan_goes_on_where_it_was_killed(desk: Path, root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lind"
    folder.mkdir()
    path = payslip_scan(folder / "slip.tiff", PAGES)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with bootstrap.open_desk(desk) as opened:
        assert opened.import_files([folder], None, put_off=True).waiting == 1
    path.unlink()
    assert resumed(root, kill_at=KILLED_AT) == KILLED_AT
    with bootstrap.open_desk(desk) as again, again.workspace.read() as stores:
        assert stores.events.verify() is None
        assert again.reading.count() == 1
        assert hashlib.sha256(stores.documents.content(sha256)).hexdigest() == sha256
        before = len(stores.pages.of(sha256))
        assert before >= KILLED_AT
    assert resumed(root) == PAGES - before, "only what was missing is recognised"
    with bootstrap.open_desk(desk) as done, done.workspace.read() as stores:
        (case_id,) = stores.documents.cases_with(sha256)
        assert (done.reading.count(), stores.waiting.of_case(case_id)) == (0, [])
        assert [page.number for page in stores.pages.of(sha256)] == list(range(1, PAGES + 1))
        assert stores.documents.get(sha256).kind == "payslip"
        assert "income.net_monthly_documented" in {fact.name for fact in stores.facts.current(case_id)}
        assert stores.scores.get(case_id) is not None, "the case is assessed once it was read"
    assert resumed(root) == 0


def test_no_page_lies_open_in_the_workspace(desk: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lind"
    folder.mkdir()
    payslip_scan(folder / "slip.tiff", 2)
    with bootstrap.open_desk(desk) as opened:
        opened.import_files([folder], None, put_off=True)
        assert opened.reading.read_all() == 1
    files = [path for path in desk.rglob("*") if path.is_file()]
    assert files
    assert not [path.name for path in files if any(word in path.read_bytes() for word in (b"Nordwind", b"3,412"))]
