"""From a path to a window: opening, passphrase, second instance, crash report, pictures."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel
from pytestqt.qtbot import QtBot

from app.bootstrap import backups, create_desk, open_desk
from app.errors import Cancelled, EnvironmentFault, InputError
from data.upgrade import Upgrade
from tests.views.shell_desk import ShellDesk, filled_workspace
from views import app as views_app
from views import single
from views.app import make_context, run_desk
from views.crash import QUIT, CrashDialog, CrashHook, crash_report
from views.main_window import MainWindow
from views.screenshots import SIZES, render_screens
from views.strings import use_language
from views.theme import apply_theme, theme_named
from views.unlock import PassphraseDialog
from views.welcome import WelcomeDialog, can_be_made


@pytest.fixture(autouse=True)
def _as_before(qapp: QApplication, tmp_path: Path) -> Iterator[None]:
    (tmp_path / "workspace.json").touch()  # an empty folder would be offered to be made a workspace
    yield
    use_language("en")
    apply_theme(qapp, theme_named("light"))


def visible_dialog(kind: type[QDialog] = QDialog) -> QDialog | None:
    return next((one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()), None)


def answer(act: Callable[[QDialog], object], kind: type[QDialog] = QDialog, after_ms: int = 5) -> None:
    """Do something to the next dialog that appears."""

    def look() -> None:
        dialog = visible_dialog(kind)
        if dialog is None:
            QTimer.singleShot(after_ms, look)
        else:
            act(dialog)

    QTimer.singleShot(after_ms, look)


def texts_of(dialog: QDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.text()]


def close_when_idle(check: Callable[[MainWindow], object] = lambda _: None) -> None:
    """Close the main window once it shows its queue."""

    def look() -> None:
        found = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible()]
        if not found or not found[0].context.tasks.idle() or not found[0].panel("queue").model.rowCount():  # type: ignore[attr-defined]
            QTimer.singleShot(20, look)
            return
        check(found[0])
        found[0].close()

    QTimer.singleShot(20, look)


# Opening


def test_the_window_opens_and_closes_and_gives_the_workspace_back(qapp: QApplication, tmp_path: Path) -> None:
    desk = ShellDesk(filled_workspace(3))
    close_when_idle()
    assert run_desk(lambda path, passphrase, progress: desk, tmp_path) == 0
    assert desk.closed


def test_a_wrong_passphrase_is_told_and_asked_again(qapp: QApplication, tmp_path: Path) -> None:
    given: list[str] = []
    desk = ShellDesk(filled_workspace(1))

    def open_desk(path: Path, passphrase: Callable[[bool], str], progress: object) -> ShellDesk:
        given.append(passphrase(False))
        if given[-1] != "right horse":
            raise InputError("passphrase", "The passphrase is not the one of this workspace.")
        return desk

    def first(dialog: QDialog) -> None:
        assert isinstance(dialog, PassphraseDialog)
        dialog.first.setText("wrong")
        answer(second, PassphraseDialog, 30)
        dialog.accept_button.click()

    def second(dialog: QDialog) -> None:
        assert isinstance(dialog, PassphraseDialog)
        assert dialog.problem.text() == "The passphrase is not the one of this workspace."
        dialog.first.setText("right horse")
        dialog.accept_button.click()

    answer(first, PassphraseDialog)
    close_when_idle()
    assert run_desk(open_desk, tmp_path) == 0
    assert given == ["wrong", "right horse"]


def test_closing_the_passphrase_dialog_ends_the_start(qapp: QApplication, tmp_path: Path) -> None:
    answer(lambda dialog: dialog.reject(), PassphraseDialog)
    assert run_desk(lambda path, passphrase, progress: passphrase(False), tmp_path) == 130


def test_a_workspace_that_cannot_be_opened_is_told_with_its_remedy(
    qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def open_desk(path: Path, passphrase: object, progress: object) -> ShellDesk:
        raise EnvironmentFault("The database is damaged.", remedy="Restore it from a backup.")

    told: list[list[str]] = []
    answer(lambda dialog: (told.append(texts_of(dialog)), dialog.accept()))
    assert run_desk(open_desk, tmp_path) == 3
    assert told == [["The workspace cannot be opened", "The database is damaged.", "Restore it from a backup."]]
    assert "The database is damaged." in capsys.readouterr().err


def test_a_workspace_that_is_not_there_is_made_on_request(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("a long passphrase\n")
    secret.chmod(0o600)
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(secret))
    place = tmp_path / "new"
    people: list[str] = []

    def fill(dialog: QDialog) -> None:
        assert isinstance(dialog, WelcomeDialog)
        assert dialog.place.text() == str(place)
        dialog.name.setText("  ")
        assert not dialog.make.isEnabled()
        dialog.name.setText(" Vera Holm ")
        dialog.make.click()

    def look() -> None:
        found = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible()]
        if not found or not found[0].context.tasks.idle():
            QTimer.singleShot(20, look)
            return
        people.append(found[0].context.desk.person)
        found[0].close()

    answer(fill, WelcomeDialog)
    QTimer.singleShot(20, look)
    assert run_desk(open_desk, place) == 0
    assert people == ["Vera Holm"]
    assert (place / "workspace.json").is_file()


def test_who_does_not_want_a_new_workspace_gets_none(qapp: QApplication, tmp_path: Path) -> None:
    answer(lambda dialog: dialog.reject(), WelcomeDialog)
    assert run_desk(open_desk, tmp_path / "new") == 130
    assert not (tmp_path / "new").exists()


def test_a_folder_with_other_things_in_it_is_not_made_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert can_be_made(tmp_path / "empty")
    assert can_be_made(tmp_path / "missing")
    assert not can_be_made(tmp_path)
    assert not can_be_made(tmp_path / "workspace.json")


def test_rendering_asks_nothing(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="nobody is there to ask"):
        run_desk(lambda path, passphrase, progress: passphrase(False), tmp_path, screenshots=tmp_path / "shots")


def test_a_fault_while_opening_is_not_swallowed(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        run_desk(lambda path, passphrase, progress: 1 / 0, tmp_path)


# The passphrase


def test_a_new_passphrase_is_long_enough_and_typed_twice(qtbot: QtBot) -> None:
    dialog = PassphraseDialog(new=True)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.first.setText("short")
    dialog.accept_button.click()
    assert dialog.problem.text() == "Use at least 8 characters."
    dialog.first.setText("long enough")
    dialog.second.setText("long enouph")
    dialog.accept_button.click()
    assert dialog.problem.text() == "The two differ."
    dialog.second.setText("long enough")
    with qtbot.waitSignal(dialog.accepted):
        dialog.accept_button.click()


def test_the_passphrase_is_never_shown(qtbot: QtBot) -> None:
    dialog = PassphraseDialog(new=False)
    qtbot.addWidget(dialog)
    QTest.keyClicks(dialog.first, "secret")
    assert dialog.first.displayText() != "secret"
    assert dialog.passphrase() == "secret"


# A second instance


def test_a_second_start_brings_the_first_to_the_front(qtbot: QtBot, tmp_path: Path) -> None:
    assert not single.already_open(tmp_path)
    door = single.FrontDoor(tmp_path)
    assert door.listen()
    with qtbot.waitSignal(door.asked_to_front):
        assert single.bring_to_front(tmp_path)
    assert single.already_open(tmp_path)
    assert not single.already_open(tmp_path / "other")
    door.close()
    assert not single.already_open(tmp_path)


def test_a_second_start_offers_it_and_opens_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    door = single.FrontDoor(tmp_path)
    assert door.listen()
    opened: list[object] = []
    with qtbot.waitSignal(door.asked_to_front):
        answer(lambda dialog: dialog.accept())
        assert run_desk(lambda path, passphrase, progress: opened.append(path), tmp_path) == 0
    assert opened == []
    door.close()


def test_looking_whether_it_is_open_does_not_raise_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    door = single.FrontDoor(tmp_path)
    assert door.listen()
    with qtbot.assertNotEmitted(door.asked_to_front, wait=150):
        assert single.already_open(tmp_path)
    door.close()


def test_the_socket_name_tells_nothing_of_the_place(tmp_path: Path) -> None:
    assert tmp_path.name not in single.socket_name(tmp_path)


def test_what_a_killed_window_left_behind_does_not_stop_the_next(qapp: QApplication, tmp_path: Path) -> None:
    code = f"""
        import os, views
        from pathlib import Path
        from PySide6.QtCore import QCoreApplication
        from views.single import FrontDoor
        app = QCoreApplication([])
        door = FrontDoor(Path({str(tmp_path)!r}))
        print(door.listen(), flush=True)
        os._exit(9)
    """
    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (found.returncode, found.stdout.strip()) == (9, "True")
    assert not single.already_open(tmp_path)
    door = single.FrontDoor(tmp_path)
    assert door.listen()
    door.close()


# Crashes


def fault(secret: str) -> BaseException:
    """A fault with a cause, both holding something personal."""
    try:
        try:
            return {}[secret]  # type: ignore[no-any-return]
        except KeyError as exc:
            raise ValueError(f"no {secret}") from exc
    except ValueError as exc:
        return exc


def test_the_report_names_places_and_no_data(tmp_path: Path) -> None:
    report = crash_report(fault("Ada Lund 19890412"))
    assert "ValueError" in report
    assert "KeyError" in report
    assert "views/test_app.py:" in report
    assert "Ada" not in report
    assert "1989" not in report
    assert os.sep + "home" not in report
    assert str(Path.cwd()) not in report


def test_the_dialog_shows_and_copies_the_report(qtbot: QtBot) -> None:
    dialog = CrashDialog(fault("x"))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog._on_copy()
    assert QApplication.clipboard().text() == dialog.report.toPlainText()
    assert dialog.report.isReadOnly()


def test_the_hook_shows_one_dialog_and_goes_on(qapp: QApplication, capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.excepthook
    hook = CrashHook()
    hook.install()
    answer(lambda dialog: (hook.show(fault("second")), dialog.accept()), CrashDialog)
    error = fault("first")
    sys.excepthook(type(error), error, error.__traceback__)
    hook.remove()
    assert sys.excepthook is before
    assert capsys.readouterr().err.count("ValueError") == 2


def test_quitting_from_the_dialog_is_told_apart(qtbot: QtBot) -> None:
    dialog = CrashDialog(fault("x"))
    qtbot.addWidget(dialog)
    answer(lambda shown: shown.done(QUIT), CrashDialog)
    assert dialog.exec() == QUIT


# Pictures


def test_the_main_screens_are_rendered_and_the_settings_left_alone(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.screenshots.SIZES", SIZES[1:])
    monkeypatch.setattr("views.screenshots.THEMES", ("dark",))
    workspace = filled_workspace(0)
    with workspace.transaction() as stores:
        stores.settings.put("ui.language", "zh")
    desk = ShellDesk(workspace)
    context = make_context(desk)
    files = list(render_screens(qapp, context, tmp_path / "shots"))
    views_app.close_context(context)
    desk.close()
    names = {file.name for file in files}
    assert len(names) == len(files)
    for screen in (
        "queue",
        "queue-empty",
        "palette",
        "import",
        "import-mapping",
        "rejects",
        "models",
        "settings",
        "crash",
        "start-unlock",
    ):
        for dress in ("dark-en", "dark-zh"):
            assert f"{screen}-1280x720-{dress}.png" in names
    assert all(file.stat().st_size > 5000 for file in files)
    with workspace.read() as stores:
        assert stores.settings.get("ui.language") == "zh"


def test_a_folder_that_cannot_be_made_is_told(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    context = make_context(ShellDesk(filled_workspace(0)))
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        next(render_screens(qapp, context, tmp_path / "file" / "shots"))
    views_app.close_context(context)


def test_cancelled_is_told_apart_from_faults() -> None:
    assert issubclass(Cancelled, Exception)
    assert views_app.CANCELLED == 130


# Upgrades, and workspaces of newer versions


def test_an_upgrade_is_told_with_the_place_of_the_backup_until_closed(qapp: QApplication, tmp_path: Path) -> None:
    desk = ShellDesk(filled_workspace(1), upgrade=Upgrade(8, 9, tmp_path / "backups" / "20261122-095500-schema-8"))
    told: list[tuple[str, str, bool]] = []

    def look() -> None:
        found = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible()]
        if not found or not found[0].notice.isVisible():
            QTimer.singleShot(20, look)
            return
        notice = found[0].notice
        told.append((notice.message.text(), notice.remedy.text(), notice._timer.isActive()))
        found[0].close()

    QTimer.singleShot(20, look)
    assert run_desk(lambda path, passphrase, progress: desk, tmp_path) == 0
    ((text, place, fades),) = told
    assert "upgraded" in text
    assert str(desk.upgrade.backup) in place
    assert not fades


def test_the_splash_says_how_far_the_copy_is(qapp: QApplication, tmp_path: Path) -> None:
    desk, seen = ShellDesk(filled_workspace(1)), list[str]()
    go_on = threading.Event()

    def open_desk(path: Path, passphrase: object, progress: Callable[[int, int | None, str], None]) -> ShellDesk:
        progress(42, 100, "backup")
        assert go_on.wait(60)
        return desk

    def look() -> None:
        shown = [one.text() for widget in QApplication.topLevelWidgets() for one in widget.findChildren(QLabel)]
        seen.extend(text for text in shown if "42 %" in text)
        if seen:
            go_on.set()
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)
    close_when_idle()
    assert run_desk(open_desk, tmp_path) == 0
    assert seen == ["Copying the workspace before its upgrade… 42 %"]


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A workspace with a backup, which a newer version then upgraded."""
    folder = tmp_path / "ws"
    create_desk(folder, person="Vera Holm", passphrase=lambda new: "right horse", use_keyring=False).close()
    backups.back_up(folder, lambda new: "right horse")
    desk = open_desk(folder, passphrase=lambda new: "right horse")
    with desk, desk.workspace._database.transaction() as tx:  # type: ignore[attr-defined]
        tx.run("INSERT INTO schema_version VALUES (99, TIMESTAMP '2030-01-01')")
    return folder


def unlock(dialog: QDialog) -> None:
    assert isinstance(dialog, PassphraseDialog)
    dialog.first.setText("right horse")
    dialog.accept_button.click()


def test_the_window_offers_to_go_back_from_a_newer_version(qapp: QApplication, newer: Path) -> None:
    asked: list[list[str]] = []

    def go_back(dialog: QDialog) -> None:
        asked.append(texts_of(dialog))
        answer(unlock, PassphraseDialog)
        dialog.accept()

    def look() -> None:
        if visible_dialog(PassphraseDialog) is None and (shown := visible_dialog()) is not None:
            go_back(shown)
        else:
            QTimer.singleShot(20, look)

    def close() -> None:
        found = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible()]
        if found and found[0].context.tasks.idle():
            found[0].close()
        else:
            QTimer.singleShot(20, close)

    answer(lambda dialog: (unlock(dialog), look()), PassphraseDialog)
    QTimer.singleShot(20, close)
    assert run_desk(open_desk, newer) == 0
    assert any("newer version" in text for text in asked[0])
    assert any("before its upgrade" in text for text in asked[0])
    assert len(backups.list_backups(newer)) == 2, "what the newer version wrote is kept"
    with open_desk(newer, passphrase=lambda new: "right horse") as desk:
        assert desk.person == "Vera Holm"


def test_whoever_does_not_go_back_changes_nothing(qapp: QApplication, newer: Path) -> None:
    def look() -> None:
        if visible_dialog(PassphraseDialog) is None and (shown := visible_dialog()) is not None:
            shown.reject()
        else:
            QTimer.singleShot(20, look)

    before = (newer / "workspace.duckdb").read_bytes()
    answer(lambda dialog: (unlock(dialog), look()), PassphraseDialog)
    assert run_desk(open_desk, newer) == 130
    assert (newer / "workspace.duckdb").read_bytes() == before


def test_a_portable_window_speaks_of_the_stick(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("views.unlock", "views.welcome"):
        monkeypatch.setattr(f"{module}.home", lambda: tmp_path)
    dialogs = [PassphraseDialog(new=True), PassphraseDialog(new=False), WelcomeDialog(tmp_path / "workspace")]
    for dialog in dialogs:
        qtbot.addWidget(dialog)
        said = " ".join(texts_of(dialog))
        assert "keyring" not in said
        assert "portable" in said or "stick" in said
