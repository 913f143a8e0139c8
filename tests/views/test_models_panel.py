"""The screen of models: a file is taken in and a model qualified, with progress, and stopped at a press."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QInputDialog, QLabel
from pytestqt.qtbot import QtBot

from app.domain.machine import Gpu, Machine, Package
from app.domain.qualification import Measured, Qualification
from app.errors import Cancelled
from local_models.backends import SENTENCES
from tests.local_models.gguf_files import gguf, write
from views import models_jobs as jobs
from views.panels.models_panel import ModelsPanel
from views.strings import use_language

MACHINE = Machine("Xeon", 8, ("AVX2",), 16 * 2**30, 9 * 2**30, (Gpu("RTX", "CUDA0", 8 * 2**30, 2**30),))
ENGLISH = Measured("en", 12, 12, 0, 24, 24, 0.8, 0.8, 400, 20.0, "A")
CHINESE = Measured("zh", 12, 2, 0, 24, 24, 0.8, 0.8, 400, 20.0, "D")


def record(name: str) -> Qualification:
    return Qualification(
        name, "5" * 64, "", "free", "llama", "1", "6" * 64, "1", {}, 1, "2026-10-28T10:00:00+00:00", "Anna",
        (ENGLISH, CHINESE),
    )  # fmt: skip


@pytest.fixture
def panel(
    qtbot: QtBot, shell_context: Any, settle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ModelsPanel:
    monkeypatch.setenv("CASEWORTH_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("local_models.hardware.look_at_machine", lambda backends: MACHINE)
    made = ModelsPanel(shell_context(0))
    qtbot.addWidget(made)
    made.show()
    settle()
    return made


def words(panel: ModelsPanel) -> str:
    return "\n".join(each.text() for each in panel.findChildren(QLabel))


def test_the_machine_is_told_in_words(panel: ModelsPanel) -> None:
    assert panel.machine.text() == (
        "This machine: Xeon, 8 cores used, 16 GB of memory, 9 GB of it free, graphics processor RTX with 8 GB"
    )
    use_language("zh")
    try:
        assert "显卡 RTX" in jobs.machine_words(MACHINE)
    finally:
        use_language("en")


def test_packages_for_graphics_processors_are_told_with_the_reason() -> None:
    used, refused = Package("vulkan", "/a"), Package("cuda", "/b", "needs", "libcuda.so", "it needs libcuda.so")
    machine = replace(MACHINE, gpus=(), variant="sse42", packages=(used, refused))
    assert jobs.machine_words(machine).splitlines()[1:] == [
        "This processor has no AVX2: models run on it, but several times slower than on newer ones.",
        "The package vulkan for graphics processors is used.",
        "The package cuda for graphics processors is not used: it needs libcuda.so, which this machine does not have.",
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_against_a_package_has_words(language: str) -> None:
    use_language(language)
    try:
        told = {jobs.package_words(Package("p", "/p", reason, "D", "")) for reason in SENTENCES if reason != "none"}
        assert len(told) == len(SENTENCES) - 1
        assert not any("models." in each for each in told)
    finally:
        use_language("en")


def test_a_runtime_that_could_not_be_asked_is_told() -> None:
    assert "could not be asked about this machine: it died" in jobs.machine_words(replace(MACHINE, problem="it died"))


def test_an_imported_file_is_shown_as_not_qualified(panel: ModelsPanel, settle: Any, tmp_path: Path) -> None:
    panel.import_file(write(tmp_path / "house.gguf"))
    assert panel.stop.isVisible()
    assert not panel.bring.isEnabled()
    settle()
    assert [state.name for state in panel.states][-1] == "house"
    assert "house is imported" in panel.told.text()
    assert "Not qualified on this machine yet" in words(panel)
    assert not panel.stop.isVisible()


def test_a_file_without_a_licence_asks_for_it(
    panel: ModelsPanel, settle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("House licence", True))
    panel.import_file(write(tmp_path / "house.gguf", gguf({"general.license": None})))
    settle()
    settle()
    assert panel.states[-1].licence == "House licence"


def test_a_malformed_file_is_refused_in_words(panel: ModelsPanel, settle: Any, tmp_path: Path) -> None:
    panel.import_file(write(tmp_path / "house.gguf", b"PK" * 40))
    settle()
    assert "does not begin with GGUF" in panel.told.text()
    assert panel.bring.isEnabled()


def test_a_qualified_model_shows_its_grade_in_each_language(
    panel: ModelsPanel, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = panel.states[0].name
    monkeypatch.setattr(jobs, "qualify_model", lambda desk, name, progress: record(name))
    monkeypatch.setattr("app.bootstrap.qualifying.kept_record", lambda desk, spec: record(spec.name))
    panel.qualify(name)
    settle()
    assert f"{name} is qualified here with grade A." in panel.told.text()
    assert "English: grade A. 12 of 12 taken" in words(panel)
    assert "Chinese: grade D." in words(panel)


def test_qualifying_is_stopped_at_a_press(
    panel: ModelsPanel, settle: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(desk: Any, name: str, progress: Any) -> Qualification:
        for _ in range(10_000):
            progress(1, 12, "qualify")
            time.sleep(0.01)
        raise Cancelled

    monkeypatch.setattr(jobs, "qualify_model", endless)
    panel.qualify(panel.states[0].name)
    qtbot.waitUntil(lambda: "1 of 12" in panel.told.text())
    panel.stop.click()
    settle()
    assert panel.told.text() == "Stopped; nothing was kept."
