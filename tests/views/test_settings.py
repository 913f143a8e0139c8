"""Settings and models: kept at once, shown truly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.changes import Changes
from tests.views.shell_desk import filled_workspace
from views.context import Context
from views.desk_words import model_states, read_desk_words, signing_roles
from views.panels.models_panel import ModelsPanel
from views.panels.settings_panel import SettingsPanel
from views.settings import DEFAULTS, Settings

MakeContext = Callable[..., Context]
Settle = Callable[[], None]


@pytest.fixture
def panel(qtbot: QtBot, shell_context: MakeContext, settle: Settle) -> SettingsPanel:
    made = SettingsPanel(shell_context(5))
    qtbot.addWidget(made)
    made.show()
    settle()
    return made


def stored(context: Context, key: str) -> str:
    with context.desk.workspace.read() as stores:
        return str(stores.settings.get(key))


def test_settings_answer_from_memory_and_are_stored(shell_context: MakeContext, settle: Settle) -> None:
    context = shell_context(0)
    context.settings.put("ui.theme", "dark")
    assert context.settings.value("ui.theme") == "dark"
    settle()
    assert stored(context, "ui.theme") == "dark"
    again = Settings(context.desk.workspace, context.tasks)
    assert again.value("ui.theme") == "dark"


def test_defaults_stand_until_something_is_chosen(shell_context: MakeContext) -> None:
    context = shell_context(0)
    assert {key: context.settings.value(key) for key in DEFAULTS} == dict(DEFAULTS)
    with pytest.raises(KeyError):
        context.settings.value("no.such")


def test_the_name_is_kept_and_told_to_the_desk(panel: SettingsPanel, settle: Settle) -> None:
    told: list[Changes] = []
    panel._context.refresh.changed.connect(lambda changes, _: told.append(changes))
    panel.name.setText("  Bo Ek ")
    panel.name.editingFinished.emit()
    settle()
    assert panel._context.desk.person == "Bo Ek"
    assert told == [Changes.SETTINGS]


def test_an_empty_name_is_not_taken(panel: SettingsPanel, settle: Settle) -> None:
    panel._context.settings.put("person.name", "Ada")
    settle()
    panel.name.clear()
    panel.name.editingFinished.emit()
    settle()
    assert panel.name.text() == "Ada"
    assert panel._context.desk.person == "Ada"


def test_roles_come_from_the_policy_with_their_limits(panel: SettingsPanel, settle: Settle) -> None:
    listed = {panel.role.itemData(at): panel.role.itemText(at) for at in range(panel.role.count())}
    assert listed["senior-underwriter"] == "Senior underwriter · up to 30,000"
    panel.role.setCurrentIndex(panel.role.findData("credit-manager"))
    settle()
    assert panel._context.desk.role == "credit-manager"


def test_currency_and_product_are_kept(panel: SettingsPanel, settle: Settle) -> None:
    panel.currency.setCurrentIndex(panel.currency.findData("SEK"))
    settle()
    assert stored(panel._context, "currency") == "SEK"
    assert panel.product.findData("instalment-loan") >= 0


def test_language_and_theme_are_asked_of_the_window(qtbot: QtBot, panel: SettingsPanel) -> None:
    with qtbot.waitSignal(panel.language_chosen) as signal:
        panel.language.buttons["zh"].click()
    assert signal.args == ["zh"]
    with qtbot.waitSignal(panel.theme_chosen) as signal:
        panel.theme.buttons["system"].click()
    assert signal.args == ["system"]


def test_the_workspace_tells_its_state(panel: SettingsPanel) -> None:
    assert panel.place.text() == "memory"
    assert panel.key.text() == "A passphrase"
    assert int(panel.schema.text()) >= 1
    assert panel.cases.text() == "5"
    assert panel.chain.text().startswith("Every event follows")


def test_a_broken_chain_is_told_with_its_place(qtbot: QtBot, shell_context: MakeContext, settle: Settle) -> None:
    workspace = filled_workspace(1)
    with workspace.transaction() as stores:
        stores.events.append("x", None, "a", {})
        stores.events.append("x", None, "b", {})
    object.__setattr__(workspace._state.events[1], "person", "y")
    panel = SettingsPanel(shell_context(workspace))
    qtbot.addWidget(panel)
    settle()
    assert panel.chain.text().startswith("Broken at event 2")
    assert panel.chain.property("role") == "adverse"


def test_every_input_has_a_name_and_is_reached_by_tab(qtbot: QtBot, panel: SettingsPanel) -> None:
    inputs = [panel.name, panel.role, panel.model, panel.currency, panel.product]
    assert all(each.accessibleName() for each in inputs)
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    panel.name.setFocus()
    reached = []
    for _ in range(14):
        QTest.keyClick(panel.focusWidget() or panel, "\t")
        reached.append(panel.focusWidget())
    assert set(inputs[1:]) <= set(reached)


# Authority and model


def test_authority_follows_the_currency(shell_context: MakeContext) -> None:
    desk = shell_context(0).desk
    limits = {one.role: one.limit for one in signing_roles(desk, "EUR")}
    assert limits == {"underwriter": 15000, "senior-underwriter": 30000, "credit-manager": 75000}
    assert all(one.limit > limits[one.role] for one in signing_roles(desk, "SEK"))


def test_a_role_the_policy_does_not_know_shows_no_authority(shell_context: MakeContext) -> None:
    desk = shell_context(0).desk
    desk.role = "trainee"
    assert read_desk_words(desk, "none", "EUR").person == "Vera Holm · Trainee"


def test_none_is_said_when_no_model_is_chosen(shell_context: MakeContext) -> None:
    assert read_desk_words(shell_context(0).desk, "none", "EUR").model == "No model · rule sentences"


@pytest.fixture
def lenders_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one model listed whose file is not what its digest says."""
    (tmp_path / "big.gguf").write_bytes(b"GGUF" + b"\0" * 100)
    (tmp_path / "models.toml").write_text(
        f'[[model]]\nname = "big"\nfile = "big.gguf"\nsha256 = "{"0" * 64}"\n'
        'licence = "MIT"\nlanguages = ["en", "zh"]\n'
    )
    monkeypatch.setenv("CASEWORTH_MODELS", str(tmp_path))
    return tmp_path


def test_a_wrong_digest_is_found_and_told(lenders_models: Path) -> None:
    big = next(state for state in model_states() if state.name == "big")
    assert "its SHA-256 is" in big.problem
    assert big.remedy
    assert big.size == 104


def test_the_models_screen_shows_each_with_its_verdict(
    qtbot: QtBot, shell_context: MakeContext, settle: Settle, lenders_models: Path
) -> None:
    panel = ModelsPanel(shell_context(0))
    qtbot.addWidget(panel)
    panel.show()
    settle()
    assert [state.name for state in panel.states][-1] == "big"
    assert panel._cards.count() == len(panel.states)
    assert panel.again.isEnabled()


def test_a_broken_list_is_told_and_tried_again(
    qtbot: QtBot, shell_context: MakeContext, settle: Settle, lenders_models: Path
) -> None:
    (lenders_models / "models.toml").write_text("[[model]\n")
    panel = ModelsPanel(shell_context(0))
    qtbot.addWidget(panel)
    panel.show()
    settle()
    assert panel.broken.isVisible()
    assert "The list of models cannot be used" in panel.broken.title.text()
    (lenders_models / "models.toml").write_text("")
    panel.broken.action.click()
    settle()
    assert not panel.broken.isVisible()
    assert panel.states


def test_choosing_a_model_is_kept(
    qtbot: QtBot, shell_context: MakeContext, settle: Settle, lenders_models: Path
) -> None:
    context = shell_context(0)
    panel = ModelsPanel(context)
    qtbot.addWidget(panel)
    settle()
    panel._use("big")
    settle()
    assert stored(context, "model.default") == "big"
