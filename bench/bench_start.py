"""Start to first paint: from the start of the process to the first paint of the filled queue.

Compared with a bare PySide6 process that shows a QMainWindow with a QTableView. The workspace holds the 4,454 real
applications, encrypted, its key under a passphrase (scrypt); both run on Qt's offscreen platform.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
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


def main() -> int:
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
