"""Portable mode: everything beside the program, nothing elsewhere, whatever the stick is called."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import portable
from app.bootstrap import stick as sticks
from app.bootstrap.portable import DATA, MARKER, home
from app.bootstrap.stick import MARKER_TEXT, STARTERS, set_up
from app.errors import EnvironmentFault, InputError
from tests.cli.test_faults import every_byte, small_disk

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "folders" / "thin-file"
PACKAGES = ("app", "data", "local_models", "views")
_DONE = r"[^)\n]*(?:\) = \d|<unfinished)"  # another thread may speak before a call has ended
WRITES = re.compile(
    r'\b(?:open|openat)\([^"\n]*"(?P<opened>[^"\n]+)", [^)\n]*\b(?:O_WRONLY|O_RDWR|O_CREAT)\b' + _DONE + "|"
    r"\b(?:mkdir|mkdirat|unlink|unlinkat|rename|renameat|renameat2|symlink|symlinkat|link|linkat|truncate|chmod|mknod)"
    r'\([^"\n]*"(?P<changed>[^"\n]+)"' + _DONE
)
WINDOW = """
from app.bootstrap.portable import settle
settle()
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.bootstrap import default_workspace, open_desk
from views import app
from views.main_window import MainWindow

def close():
    windows = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible()]
    if windows and windows[0].context.tasks.idle():
        print("shown")
        windows[0].close()
    else:
        QTimer.singleShot(50, close)

app.make_application()
QTimer.singleShot(50, close)
app.run_desk(open_desk, default_workspace())
"""
OF_THE_SYSTEM = ("/dev/", "/proc/", "/sys/")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    home.cache_clear()
    yield
    home.cache_clear()


@pytest.fixture(scope="module")
def made_stick(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The program from its source, with the file that makes it portable; left as it is."""
    folder = tmp_path_factory.mktemp("made") / "stick"
    for name in PACKAGES:
        left_out = shutil.ignore_patterns("__pycache__", "weights", "credit_data.csv", "modelling")
        shutil.copytree(root / name, folder / name, ignore=left_out)
    (folder / MARKER).write_text(MARKER_TEXT)
    return folder


@pytest.fixture
def stick(made_stick: Path, tmp_path: Path) -> Path:
    shutil.copytree(made_stick, tmp_path / "stick")
    return tmp_path / "stick"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """The home of somebody else's computer."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    (folder / "passphrase").write_text("correct horse battery staple\n")
    folder.chmod(0o555)
    return folder


def environment(stick: Path, foreign: Path) -> dict[str, str]:
    own = {
        "PYTHONPATH": str(stick),
        "HOME": str(foreign),
        "CASEWORTH_PASSPHRASE_FILE": str(foreign / "passphrase"),
        "CASEWORTH_WORKSPACE": str(foreign / "workspace"),
        "CASEWORTH_MODELS": str(foreign / "models"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "TMP", "TEMP"))}
    return kept | own


def caseworth(
    stick: Path, foreign: Path, *arguments: object, before: tuple[str, ...] = (), status: int = 0
) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-m", "app", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=stick, env=environment(stick, foreign), capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stderr
    return done


def written(log: str) -> set[str]:
    """Places that a traced program changed, or opened to change."""
    found = {match["opened"] or match["changed"] for match in WRITES.finditer(log)}
    return {place for place in found if not place.startswith(OF_THE_SYSTEM)}


# -- working on a stick


@pytest.mark.slow
@pytest.mark.timeout(900)  # traced
def test_the_main_job_writes_to_the_stick_alone(stick: Path, foreign: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    if not shutil.which("strace") or subprocess.run(["strace", "-o", log, "true"], check=False).returncode:
        pytest.skip("strace is not here, or may not be used")
    tracer = ("strace", "-f", "-y", "-qq", "--seccomp-bpf", "-s", "300", "-e", "trace=%file", "-o", str(log))
    places: set[str] = set()
    out = stick / "out.cwz"
    jobs: list[list[object]] = [
        ["init", "--person", "Vera"],
        ["import", SAMPLE],
        ["draft", "thin-file", "--model", "none"],
        ["decide", "thin-file", "--outcome", "refer", "--reason", "A look is needed."],
        ["export", "thin-file", "--out", out],
        ["verify", out],
    ]
    for job in jobs:
        caseworth(stick, foreign, *job, before=tracer)
        places |= written(log.read_text(errors="replace"))
    command = [*tracer, sys.executable, "-c", WINDOW]
    done = subprocess.run(command, cwd=stick, env=environment(stick, foreign), capture_output=True, text=True)
    assert done.stdout == "shown\n", done.stderr
    places |= written(log.read_text(errors="replace"))
    assert (stick / DATA / "workspace" / "workspace.duckdb").exists()
    assert [place for place in places if place.startswith("/") and not place.startswith(str(stick))] == []
    assert len(places) > 20, "the trace shows what was written"
    assert [file.name for file in foreign.iterdir()] == ["passphrase"]
    assert list((stick / DATA / "tmp").iterdir()) == []


def test_the_trace_would_show_a_stray_file(stick: Path, foreign: Path, tmp_path: Path) -> None:
    log = 'openat(AT_FDCWD</x>, "/home/vera/.config/QtProject.conf", O_WRONLY|O_CREAT, 0600) = 7</home/vera/.config>'
    assert written(log) == {"/home/vera/.config/QtProject.conf"}
    assert written('1 mkdir("/home/vera/.cache", 0777) = 0') == {"/home/vera/.cache"}
    assert written('1 unlink("/home/vera/a" <unfinished ...>\n2 stat("/b") = 0') == {"/home/vera/a"}
    assert written('1 openat(AT_FDCWD</x> <unfinished ...>\n2 stat("/b", O_RDWR) = 0') == set()
    assert written('1 readlink("/etc/a", "b", 9) = 1') == set()
    assert written('1 openat(AT_FDCWD</x>, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3</etc/passwd>') == set()


def test_the_stick_works_under_another_letter(stick: Path, foreign: Path, tmp_path: Path) -> None:
    caseworth(stick, foreign, "init", "--person", "Vera")
    caseworth(stick, foreign, "import", SAMPLE)
    other = tmp_path / "another" / "letter"
    other.parent.mkdir()
    stick.rename(other)
    shown = caseworth(other, foreign, "show", "thin-file", "--json")
    assert json.loads(shown.stdout)["case"]["reference"] == "thin-file"
    caseworth(other, foreign, "draft", "thin-file", "--model", "none")
    assert not stick.exists()
    plain = [path for path in (other / DATA).rglob("*") if path.is_file() and str(stick).encode() in path.read_bytes()]
    assert plain == []


def test_the_key_goes_by_passphrase_and_no_keyring_is_asked(stick: Path, foreign: Path) -> None:
    made = json.loads(caseworth(stick, foreign, "init", "--person", "Vera", "--json").stdout)
    assert made["key"] == "passphrase"
    assert Path(made["workspace"]) == stick / DATA / "workspace"
    asked = "from app.bootstrap.portable import settle; settle()\n"
    asked += "from app.adapters.keyrings import find_keyring; print(find_keyring(5))"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=stick, env=environment(stick, foreign), capture_output=True, text=True
    )
    assert done.stdout.strip() == "None", done.stderr


def test_a_stick_that_cannot_be_written_is_told(stick: Path, foreign: Path) -> None:
    caseworth(stick, foreign, "init", "--person", "Vera")
    mount = ["mount", "--bind", str(stick), str(stick)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(stick)], check=True)
        before = every_byte(stick / DATA)
        told = caseworth(stick, foreign, "cases", status=3).stderr
        assert "cannot be written" in told
        assert "write protection" in told
        assert str(stick / DATA) in told
        assert "caseworth" in caseworth(stick, foreign, "--help").stdout
        assert every_byte(stick / DATA) == before
    finally:
        subprocess.run(["umount", str(stick)], check=True)


@pytest.mark.parametrize("text", ['data = "/tmp"', 'data = "../up"', "data = 3", 'data = ""', "data =", 'data = "E:x"'])
def test_a_marker_that_leads_away_is_refused(stick: Path, foreign: Path, text: str) -> None:
    (stick / MARKER).write_text(text)
    told = caseworth(stick, foreign, "cases", status=3).stderr
    assert MARKER in told
    assert DATA in told, "it says what to write"
    assert not (stick / "up").exists()


# -- setting one up


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """What an installation looks like: the program, a library under two names, the installer's own files."""
    folder = tmp_path / "installed"
    (folder / "_internal" / "lib").mkdir(parents=True)
    (folder / "caseworth").write_text("#!/bin/sh\n")
    (folder / "caseworth").chmod(0o755)
    (folder / "_internal" / "lib" / "liba.so.1").write_bytes(b"library")
    (folder / "_internal" / "lib" / "liba.so").symlink_to("liba.so.1")
    (folder / "installed").write_text("f ...\n")
    (folder / "uninstall").write_text("#!/bin/sh\n")
    return folder


def listed(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_a_program_is_copied_whole_and_made_portable(program: Path, tmp_path: Path) -> None:
    done = set_up(tmp_path / "stick", program)
    expected = {"caseworth", "_internal/lib/liba.so", "_internal/lib/liba.so.1", MARKER, "start-caseworth.sh"}
    assert listed(done.folder) == expected
    assert (done.files, done.renewed, done.runs) == (3, False, True)
    assert os.access(done.folder / "caseworth", os.X_OK)
    assert (done.folder / MARKER).read_text() == MARKER_TEXT
    assert done.start.read_text() == STARTERS["start-caseworth.sh"]


def test_renewing_takes_the_old_program_and_leaves_the_data(program: Path, tmp_path: Path) -> None:
    stick = set_up(tmp_path / "stick", program).folder
    (stick / DATA / "workspace").mkdir()
    (stick / DATA / "workspace" / "workspace.duckdb").write_bytes(b"cases")
    (stick / MARKER).write_text('data = "caseworth-data"\n')
    (program / "_internal" / "lib" / "liba.so.1").rename(program / "_internal" / "lib" / "liba.so.2")
    (program / "_internal" / "lib" / "liba.so").unlink()
    assert set_up(stick, program).renewed
    assert (stick / DATA / "workspace" / "workspace.duckdb").read_bytes() == b"cases"
    assert {name for name in listed(stick) if name.startswith("_internal")} == {"_internal/lib/liba.so.2"}


def test_sticks_that_know_no_links_get_the_files(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(self: Path, target: Path) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", no_links)
    stick = set_up(tmp_path / "stick", program).folder
    assert (stick / "_internal" / "lib" / "liba.so").read_bytes() == b"library"
    assert not (stick / "_internal" / "lib" / "liba.so").is_symlink()


def test_what_cannot_be_a_stick_or_a_program_is_told(program: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.odt").write_text("mine")
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: set_up(tmp_path / "full", program), "not empty"),
        (lambda: set_up(program / "inside", program), "where the program lies"),
        (lambda: set_up(tmp_path / "stick", tmp_path / "full"), "no program of Caseworth"),
        (lambda: set_up(tmp_path / "stick"), "runs from its source"),
    ]
    for act, words in cases:
        with pytest.raises(InputError, match=words):
            act()
    assert listed(tmp_path / "full") == {"thesis.odt"}
    assert not (tmp_path / "stick").exists()


def test_a_stick_without_room_is_told_and_keeps_what_it_has(program: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "2m") as disk:
        stick = set_up(disk / "Caseworth", program).folder
        (stick / DATA / "cases").write_bytes(b"cases")
        before = every_byte(stick)
        (program / "_internal" / "big").write_bytes(bytes(4 << 20))
        with pytest.raises(EnvironmentFault, match="less room"):
            set_up(stick, program)
        assert every_byte(stick) == before


def test_a_copy_that_reads_back_otherwise_is_no_program(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.copyfile
    monkeypatch.setattr(sticks.shutil, "copyfile", lambda one, two: (real(one, two), two.write_bytes(b"worn out")))
    with pytest.raises(EnvironmentFault, match="does not read back"):
        set_up(tmp_path / "stick", program)
    assert not (tmp_path / "stick" / MARKER).exists()
    assert not (tmp_path / "stick" / "caseworth").exists()


def test_without_the_marker_nothing_is_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    assert home() is None
    portable.settle()
    portable.check_writable()
    assert dict(os.environ) == before
