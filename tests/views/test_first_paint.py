"""What is loaded when the queue is painted first: nothing that the queue does not need."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app import bootstrap
from app.adapters import keys
from views.widgets import after_paint

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
PASSPHRASE = "correct horse battery"

NEVER = {
    *("pandas", "numpy", "pyarrow", "matplotlib", "scipy", "sklearn", "optbinning", "lightgbm", "onnx", "onnxruntime"),
    *(
        "llama_cpp",
        "zen",
        "typst",
        "pyhanko",
        "asn1crypto",
        "keyring",
        "docx",
        "openpyxl",
        "PIL",
        "pypdfium2",
        "sqlglot",
    ),
    *("rapidocr", "cv2", "defusedxml", "rfc8785", "multiprocessing", "concurrent", "asyncio", "local_models"),
}
"""Libraries and packages that no start needs."""

NEEDED = {
    "app.domain": {"case", "changes", "facts"},
    "app.usecases": set(),
    "app.adapters": {"cipher", "keyrings", "keys"},
    "app.bootstrap": {"desk", "places", "portable"},
    "data.repositories": {"cases", "queue", "settings"},
    "views.panels": {"palette", "queue_delegate", "queue_panel", "rail", "top_bar"},
}
"""All that a start loads of the packages that hold most of the program."""

AT_FIRST_PAINT = """
import sys
from pathlib import Path
from PySide6.QtCore import QEvent, QObject
from app.bootstrap import open_desk
from views import app as desk_app, main_window

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and panel().model.rowCount():
            print("LOADED", *sorted(sys.modules))
            panel().table.viewport().removeEventFilter(self)
            windows[0].close()
        return False

windows, watch, start = [], Watch(), main_window.MainWindow.start

def panel():
    return windows[0].panel("queue")

def started(window):
    windows.append(window)
    panel().table.viewport().installEventFilter(watch)
    start(window)

main_window.MainWindow.start = started
sys.exit(desk_app.run_desk(open_desk, Path(sys.argv[1])))
"""


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the modules there are at the first paint of a queue of twenty cases."""
    monkeypatch.setattr(keys, "SCRYPT_N", 2**15)
    with (SAMPLES / "credit_data.csv").open(encoding="utf-8") as source:
        (tmp_path / "credit.csv").write_text("".join(itertools.islice(source, 21)), encoding="utf-8")
    shutil.copy(SAMPLES / "credit_data.toml", tmp_path / "credit.toml")
    path = tmp_path / "desk"
    with bootstrap.create_desk(path, person="Vera Holm", passphrase=lambda new: PASSPHRASE, use_keyring=False) as desk:
        desk.import_files([tmp_path / "credit.csv"], tmp_path / "credit.toml")
        desk.score_all()
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE, encoding="utf-8")
    secret.chmod(0o600)
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "CASEWORTH_PASSPHRASE_FILE": str(secret),
        "PYTHONPATH": str(root),
    }
    done = subprocess.run(
        [sys.executable, "-c", AT_FIRST_PAINT, str(path)],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("LOADED", 1)[1].split())


def test_the_first_paint_loads_only_what_the_queue_needs(loaded: set[str]) -> None:
    assert {name.split(".")[0] for name in loaded} & NEVER == set()
    for package, needed in NEEDED.items():
        found = {name.removeprefix(f"{package}.").split(".")[0] for name in loaded if name.startswith(f"{package}.")}
        assert found <= needed, f"{package} loads more than the first screen needs"


def test_what_waits_for_a_paint_is_done_once_after_it(qtbot: QtBot, settle: Callable[[], None]) -> None:
    done: list[str] = []
    shown, hidden = QLabel("seen"), QLabel("not seen")
    qtbot.addWidget(shown)
    qtbot.addWidget(hidden)
    with qtbot.waitExposed(shown):
        shown.show()
    for widget in (shown, hidden):
        after_paint(widget, lambda widget=widget: done.append(widget.text()))
    assert done == []
    qtbot.waitUntil(lambda: sorted(done) == ["not seen", "seen"])
    shown.repaint()
    settle()
    assert len(done) == 2
