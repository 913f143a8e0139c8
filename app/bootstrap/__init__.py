"""The one place that plugs the real parts into the use cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.bootstrap.desk import Desk, SystemClock, make_readers
from app.bootstrap.places import data_folder, default_workspace, login_name, models_folder, samples_folder
from app.bootstrap.portable import check_writable
from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from app.domain.report import Report
    from app.domain.verification import Verification
    from app.usecases.check_text import CheckedText

Passphrase = Callable[[bool], str]
"""``passphrase(new)`` asks the person; ``new`` when one is being chosen."""

__all__ = [
    "Desk",
    "check_in_file",
    "create_desk",
    "data_folder",
    "default_workspace",
    "draft_in_file",
    "kind_labels",
    "login_name",
    "make_readers",
    "models_folder",
    "open_desk",
    "samples_folder",
    "verify_file",
]


def kind_labels() -> dict[str, tuple[str, dict[str, str]]]:
    """English name of each kind of document, and of its fields by their names."""
    from data.kinds import load_kinds

    kinds = load_kinds().values()
    return {kind.id: (kind.label["en"], {spec.name: spec.label["en"] for spec in kind.fields}) for kind in kinds}


def create_desk(
    path: Path,
    *,
    person: str,
    role: str = "underwriter",
    passphrase: Passphrase | None = None,
    use_keyring: bool = True,
    progress: Progress = no_progress,
) -> Desk:
    """Make a workspace in a new or empty folder, with its signer, and open it."""
    from app.adapters.keyrings import find_keyring, no_keyring
    from app.adapters.keys import create_key
    from data.workspace import prepare_folder

    check_writable()
    folder = prepare_folder(path)
    create_key(folder / "workspace.json", passphrase, keyring=find_keyring if use_keyring else no_keyring)
    desk = open_desk(folder, passphrase=passphrase, progress=progress)
    try:
        desk.keep_setting("person.name", person)
        desk.keep_setting("person.role", role)
        _ = desk.signer
    except BaseException:
        desk.close()
        raise
    return desk


def open_desk(
    path: Path,
    *,
    passphrase: Passphrase | None = None,
    debug_sql: Callable[[str, float], None] | None = None,
    progress: Progress = no_progress,
) -> Desk:
    """Unlock and open a workspace; ``progress`` tells of an upgrade, and ``upgrade`` of the desk that there was one.

    Raises what ``data.workspace.open_workspace`` and the key's keeper raise.
    """
    from app.adapters.cipher import AesGcmCipher
    from app.adapters.keys import unlock_key
    from data.workspace import open_workspace

    check_writable()
    kept: list[bytes] = []

    def unlock(workspace_json: Path) -> bytes:
        kept.append(unlock_key(workspace_json, passphrase))
        return kept[0]

    workspace = open_workspace(path, unlock, AesGcmCipher, clock=SystemClock(), debug_sql=debug_sql, progress=progress)
    with workspace.read() as stores:
        person = stores.settings.get("person.name", login_name())
        role = stores.settings.get("person.role", "underwriter")
    desk = Desk(workspace, kept[0], person=person, role=role)
    desk.upgrade = workspace.upgrade
    return desk


def check_in_file(text: str, facts: str, name: str) -> CheckedText:
    """Check a text against the case that ``facts`` (JSON, of the file ``name``) describes; needs no workspace."""
    from app.usecases.case_file import read_case
    from app.usecases.check_text import check_against
    from data.checking_words import load_lexicon

    return check_against(text, read_case(facts, name, SystemClock().now().date()), load_lexicon())


def draft_in_file(
    facts: str, name: str, language: str | None = None, model: str | None = None, *, seed: int = 0
) -> tuple[str, Report]:
    """The id and the report of the case that ``facts`` describes; needs no workspace, and so no qualification.

    Raises ``EnvironmentFault`` when a model that is named cannot be used; without the default one the report stands by
    rule.
    """
    from dataclasses import replace

    from app.bootstrap.models import ModelShelf
    from app.usecases.case_file import read_case
    from app.usecases.draft_facts import draft_from_facts
    from data.checking_words import load_lexicon
    from local_models.catalogue import find_model, verify_model
    from local_models.client import LocalModel

    case = read_case(facts, name, SystemClock().now().date())
    case = replace(case, language=language or case.language)
    spec = find_model(model, models_folder())
    if spec is None:
        return case.id, draft_from_facts(case, load_lexicon())
    if model:
        verify_model(spec)
    with LocalModel(ModelShelf().fitted(spec)) as opened:
        return case.id, draft_from_facts(case, load_lexicon(), opened, seed=seed, required=model is not None)


def verify_file(path: Path, trusted: Sequence[Path] = ()) -> Verification:
    """Verify a package. With ``trusted`` (PEM files, or folders of them) another signer's package is not valid."""
    from app.adapters.package_checker import PackageChecker
    from app.adapters.signing_keys import trusted_keys
    from app.usecases.verify_package import verify_package

    keys = frozenset(key for given in trusted for key in trusted_keys(given)) if trusted else None
    return verify_package(path, PackageChecker(), trusted_keys=keys)
