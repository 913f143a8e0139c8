"""The main job with networking removed, and no personal word left in plain text by it."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_models.catalogue import BUNDLED

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
Caseworth = Callable[..., Any]


@pytest.fixture(scope="module")
def without_network() -> list[str]:
    """What to put before a command so that it has no network, not even a loopback that is up."""
    if sys.platform != "linux" or not shutil.which("unshare"):
        pytest.skip("unshare is not here")
    for prefix in (["unshare", "-n"], ["unshare", "-rn"]):
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    pytest.skip("no right to remove the network here")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("offline")
    (folder / "passphrase").write_text("correct horse battery staple\n")
    for name in ("tmp", "user", "out"):
        (folder / name).mkdir()
    return folder


@pytest.fixture(scope="module")
def caseworth(home: Path, root: Path, without_network: list[str]) -> Caseworth:
    """Run a command without network, in a home and a temporary folder of its own; returns its object."""
    places = {"HOME": home / "user", "TMPDIR": home / "tmp", "XDG_DATA_HOME": home / "user"}
    own = {
        "CASEWORTH_WORKSPACE": str(home / "desk"),
        "CASEWORTH_PASSPHRASE_FILE": str(home / "passphrase"),
        **{name: str(path) for name, path in places.items()},
    }

    def run(*arguments: object) -> Any:
        command = [*without_network, sys.executable, "-m", "app", *map(str, arguments), "--json"]
        done = subprocess.run(command, cwd=root, env=os.environ | own, capture_output=True, text=True, check=False)
        with (home / "log").open("a", encoding="utf-8") as log:
            log.write(done.stderr)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="module")
def applicants(caseworth: Caseworth, home: Path) -> list[str]:
    """The main job, from an empty folder to verified packages; the names of its applicants."""
    folders = sorted((SAMPLES / "folders").iterdir())
    with (SAMPLES / "credit_data.csv").open(encoding="utf-8") as source:
        (home / "rows.csv").write_text("".join(itertools.islice(source, 201)), encoding="utf-8")
    caseworth("init", home / "desk", "--person", "Vera Prüfer", "--no-keyring")
    assert caseworth("import", *folders)["cases"] == len(folders)
    assert caseworth("import", home / "rows.csv", "--mapping", SAMPLES / "credit_data.toml")["rows"] == 200
    assert caseworth("score", "--all")["scored"] == len(folders) + 200
    caseworth("draft", "good", *([] if BUNDLED.file.exists() else ["--model", "none"]))
    assert caseworth("--debug-sql", "draft", "--all")["drafted"] == len(folders) + 199
    caseworth("decide", "good", "--outcome", "approve", "--reason", "The payslip carries the instalment.")
    caseworth("export", "good", "--out", home / "out" / "good.cwz")
    assert caseworth("verify", home / "out" / "good.cwz")["valid"]
    return [case["applicant"] for case in caseworth("cases")["cases"] if case["applicant"]]


def test_the_main_job_needs_no_network(applicants: list[str], caseworth: Caseworth) -> None:
    assert len(applicants) == len(list((SAMPLES / "folders").iterdir()))
    authors = {sentence["author"] for sentence in caseworth("show", "good")["report"]["sentences"]}
    assert ("model" in authors) == BUNDLED.file.exists()


def test_no_name_or_account_lies_in_plain_text(applicants: list[str], home: Path) -> None:
    """Not in the workspace, the temporary folder, the user's folder or the log with its statements."""
    words = [*applicants, *(part for name in applicants for part in name.split() if len(part) > 4)]
    needles = {word.encode(form) for word in words for form in ("utf-8", "utf-16-le")}
    looked_at = 0
    for folder in ("desk", "tmp", "user", "log"):
        place = home / folder
        for path in [place] if place.is_file() else place.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                looked_at += len(content)
                assert not [needle for needle in needles if needle in content], path
    assert looked_at > 1_000_000, "the workspace, its originals and the log were looked through"


def test_nothing_is_left_in_the_temporary_folder(applicants: list[str], home: Path) -> None:
    assert applicants
    assert list((home / "tmp").iterdir()) == []


def test_no_library_numbers_the_machine(applicants: list[str], home: Path) -> None:
    """onnxruntime, which reads the scans, would keep an id of the device and events of its use for its maker."""
    assert applicants
    kept = [path for path in home.rglob("*") if path.is_file() and ("Microsoft" in path.parts or path.name == ".ses")]
    assert kept == []
