"""Start to first paint: from the start of the process to the first paint of the filled queue.

Compared with a bare PySide6 process that shows a QMainWindow with a QTableView. The workspace holds the 4,454 real
applications, encrypted, its key under a passphrase (scrypt); both run on Qt's offscreen platform.

``--program FILE`` holds the installed program against the source instead: both open the same workspace on a virtual
display (Xvfb), and are watched from outside, by the picture on it, their memory and the libraries they have mapped.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5
PASSPHRASE = "a passphrase of the bench"

BARE = """
import sys, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(time.time(), flush=True)
            app.quit()
        return False

app = QApplication(sys.argv)
model = QStandardItemModel(100, 11)
for row in range(100):
    for column in range(11):
        model.setItem(row, column, QStandardItem(f"{row} {column}"))
table = QTableView()
table.setModel(model)
window = QMainWindow()
window.setCentralWidget(table)
window.resize(1600, 1000)
watch = Watch()
table.viewport().installEventFilter(watch)
window.show()
app.exec()
"""

DESK = """
import sys, time
from pathlib import Path
import views
from PySide6.QtCore import QEvent, QObject
from app.bootstrap import open_desk
from views import app as desk_app

class Watch(QObject):
    def __init__(self, window):
        super().__init__(window)
        self.window = window
        self.panel = window.panel("queue")
        self.panel.table.viewport().installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and self.panel.model.rowCount():
            print(time.time(), flush=True)
            self.panel.table.viewport().removeEventFilter(self)
            self.window.close()
        return False

make_context = desk_app.make_context

def watched_context(desk):
    from views import main_window
    start = main_window.MainWindow.start
    main_window.MainWindow.start = lambda window: (setattr(window, "watch", Watch(window)), start(window))
    return make_context(desk)

desk_app.make_context = watched_context
sys.exit(desk_app.run_desk(open_desk, Path(sys.argv[1])))
"""


def seconds_to_paint(code: str, *arguments: str, environment: dict[str, str]) -> float:
    """Start a process and return the seconds until it says that it has painted."""
    began = time.time()
    found = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if found.returncode or not found.stdout.strip():
        raise SystemExit(f"the process did not paint:\n{found.stdout}{found.stderr}")
    return float(found.stdout.split()[-1]) - began


def build(folder: Path) -> Path:
    """A workspace with the real applications, scored."""
    from app.bootstrap import create_desk, samples_folder

    path = folder / "workspace"
    with create_desk(path, person="Bench", passphrase=lambda new: PASSPHRASE, use_keyring=False) as desk:
        samples = samples_folder()
        desk.import_files([samples / "credit_data.csv"], samples / "credit_data.toml")
        desk.score_all()
    return path


HEAVY = ("_typst", "cv2", "libpdfium", "libllama", "onnxruntime_pybind", "pandas/_libs", "ft2font", "_rust", "zen.")


@dataclass(frozen=True, slots=True)
class Watched:
    """One start as it is seen from outside."""

    seconds: float  # to the first paint
    heavy: tuple[str, ...]  # libraries of HEAVY mapped by then
    idle: float  # MB of the process after a while, what it shares counted in part
    children: float  # MB of the processes it started


def watched(command: list[str], environment: dict[str, str], frame: Path, rest: float) -> Watched:
    """Start, wait for the paint, rest, and end it."""
    import psutil
    from smoke import painted

    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        while not painted(frame):
            if process.poll() is not None or time.monotonic() - began > 120:
                process.kill()
                raise SystemExit(f"the process did not paint:\n{process.communicate()[1]}")
        seconds = time.monotonic() - began
        maps = Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")
        time.sleep(rest)
        seen = psutil.Process(process.pid)
        family = [each.memory_full_info().pss / 1e6 for each in (seen, *seen.children(recursive=True))]
    finally:
        process.kill()
        process.communicate()
    heavy = tuple(name for name in HEAVY if re.search(re.escape(name), maps))
    return Watched(seconds, heavy, family[0], sum(family[1:]))


def compare(program: Path, path: Path, environment: dict[str, str]) -> None:
    """The program against the source, in turn, each on a display of its own."""
    sys.path.insert(0, str(ROOT / "packaging"))
    from smoke import virtual_display

    commands = {"source": [sys.executable, "-m", "app"], "installed": [str(program)]}
    runs: dict[str, list[Watched]] = {name: [] for name in commands}
    for turn in range(RUNS + 1):
        for name, command in commands.items():
            with virtual_display() as (display, frame):
                own = environment | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
                rest = 8.0 if turn == RUNS else 0.0
                runs[name].append(watched([*command, "--workspace", str(path), "desk"], own, frame, rest))
    paints = {name: statistics.median(each.seconds for each in found[1:]) for name, found in runs.items()}
    for name, found in runs.items():
        last = found[-1]
        heavy = ", ".join(last.heavy) or "none"
        print(f"{name:10} {paints[name]:.3f} s to the first paint (median of {RUNS}); heavy libraries by then: {heavy}")
        print(f"{'':10} idle: {last.idle:.0f} MB, its children {last.children:.0f} MB")
    print(f"ratio: {paints['installed'] / paints['source']:.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, help="the installed program")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        path = build(Path(folder))
        secret = Path(folder) / "passphrase"
        secret.write_text(PASSPHRASE + "\n", encoding="utf-8")
        secret.chmod(0o600)
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "CASEWORTH_PASSPHRASE_FILE": str(secret),
            "PYTHONPATH": str(ROOT),
        }
        if given.program:
            compare(given.program.resolve(), path, environment)
            return 0
        bare, desk = [], []
        for _ in range(RUNS + 1):  # the first of each warms the disk's cache and is left out
            bare.append(seconds_to_paint(BARE, environment=environment))
            desk.append(seconds_to_paint(DESK, str(path), environment=environment))
    own, other = statistics.median(desk[1:]), statistics.median(bare[1:])
    print(f"bare QMainWindow with QTableView: {other:.3f} s to its first paint (median of {RUNS})")
    print(f"caseworth with 4,454 cases:       {own:.3f} s to the first paint of the queue")
    print(f"ratio: {own / other:.2f}")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
