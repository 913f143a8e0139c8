"""No port is opened and no network asked for: every call about sockets is written down while the program works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local_models.catalogue import BUNDLED

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "folders" / "good"
LOCAL = {"AF_UNIX", "AF_UNSPEC"}  # AF_UNSPEC: closes what an AF_UNIX socket was connected to
WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.bootstrap import open_desk
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
sys.exit(app.run_desk(open_desk, Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Callable[..., str]:
    """Runs Python with arguments; returns what it and its children asked of the system about sockets."""
    home = tmp_path_factory.mktemp("traced")
    log = home / "log"
    if not shutil.which("strace") or subprocess.run(["strace", "-o", log, "true"], check=False).returncode:
        pytest.skip("strace is not here, or may not be used")
    (home / "passphrase").write_text("correct horse battery staple\n")
    own = {"CASEWORTH_WORKSPACE": str(home / "desk"), "CASEWORTH_PASSPHRASE_FILE": str(home / "passphrase")}
    own |= {"HOME": str(home), "XDG_DATA_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}

    def run(*arguments: object) -> str:
        command = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=%network", "-o", str(log), sys.executable]
        words = [str(one).replace("HOME", str(home)) for one in arguments]
        done = subprocess.run(
            [*command, *words], cwd=root, env=os.environ | own, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return log.read_text(errors="replace")

    return run


def families(log: str) -> set[str]:
    """Kinds of sockets that were made, bound, listened at or connected."""
    return set(re.findall(r"\b(?:AF|PF)_[A-Z0-9]+\b", log))


def test_a_socket_of_the_network_would_be_seen(traced: Callable[..., str]) -> None:
    listen = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()"
    assert "AF_INET" in families(traced("-c", listen))


@pytest.mark.slow
def test_the_main_job_opens_no_port_and_asks_for_no_network(traced: Callable[..., str]) -> None:
    model = [] if BUNDLED.file.exists() else ["--model", "none"]
    jobs = [
        ["init", "HOME/desk", "--no-keyring", "--person", "Vera"],
        ["import", SAMPLE],
        ["draft", "good", *model],
        ["decide", "good", "--outcome", "approve", "--reason", "In order."],
        ["export", "good", "--out", "HOME/good.cwz"],
        ["verify", "HOME/good.cwz"],
    ]
    for job in jobs:
        log = traced("-m", "app", *job)
        assert families(log) <= LOCAL, job
        assert not re.search(r"\blisten\(", log), job


@pytest.mark.slow
def test_the_window_listens_at_a_local_socket_alone(traced: Callable[..., str]) -> None:
    traced("-m", "app", "init", "HOME/other", "--no-keyring", "--person", "Vera")
    log = traced("-c", WINDOW, "HOME/other")
    assert families(log) <= LOCAL
    bound = re.findall(r"bind\(\d+, (\{.*?\})", log)
    assert bound
    assert all("AF_UNIX" in each for each in bound)
