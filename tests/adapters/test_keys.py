"""The data key comes back only by the keyring or the passphrase it was wrapped under, and nothing else is touched."""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters import keyrings, keys
from app.adapters.keyrings import KeyringError, asked, find_keyring, no_keyring
from app.adapters.keys import change_passphrase, create_key, key_is_wrapped_by, read_workspace_json, unlock_key
from app.errors import EnvironmentFault, InputError

PASSPHRASE = "correct horse 电池"


class MemoryKeyring:
    """A keyring as the desktop's, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def __call__(self, limit_s: float) -> MemoryKeyring:
        return self


class ForgetfulKeyring(MemoryKeyring):
    """Accepts and keeps nothing, as a null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        return None


class LockedKeyring(MemoryKeyring):
    """Refuses, as a locked Secret Service collection does."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("the collection is locked")

    set_password = get_password  # type: ignore[assignment]


class HangingKeyring(MemoryKeyring):
    """Never answers, as D-Bus does without an agent to show its prompt."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.let_go.wait(30)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.let_go.wait(30)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least work the format allows; no variable of the machine may choose for the test."""
    monkeypatch.setattr(keys, "SCRYPT_N", 2**15)
    monkeypatch.delenv("CASEWORTH_PASSPHRASE_FILE", raising=False)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "workspace.json"


@pytest.fixture
def hanging() -> Iterator[HangingKeyring]:
    keyring = HangingKeyring()
    yield keyring
    keyring.let_go.set()


def tell(text: str = PASSPHRASE) -> keys.Passphrase:
    return lambda new: text


def never(new: bool) -> str:
    raise AssertionError("asked for a passphrase")


# -- passphrase


def test_the_passphrase_gives_the_key_back(file: Path) -> None:
    asked_for: list[bool] = []

    def ask(new: bool) -> str:
        asked_for.append(new)
        return PASSPHRASE

    key = create_key(file, ask, keyring=no_keyring)
    assert len(key) == 32
    assert unlock_key(file, ask, keyring=no_keyring) == key
    assert asked_for == [True, False]
    assert key_is_wrapped_by(file) == "passphrase"


def test_two_workspaces_share_neither_key_nor_salt(tmp_path: Path) -> None:
    first = create_key(tmp_path / "a.json", tell(), keyring=no_keyring)
    second = create_key(tmp_path / "b.json", tell(), keyring=no_keyring)
    assert first != second
    salts = {read_workspace_json(tmp_path / name)["key"]["kdf"]["salt"] for name in ("a.json", "b.json")}
    assert len(salts) == 2


@pytest.mark.parametrize("wrong", ["Correct horse 电池", PASSPHRASE + " ", "x"])
def test_a_wrong_passphrase_is_refused_and_nothing_touched(file: Path, wrong: str) -> None:
    create_key(file, tell(), keyring=no_keyring)
    before = file.read_bytes(), file.stat().st_mtime_ns, sorted(file.parent.iterdir())
    with pytest.raises(InputError, match="passphrase is wrong") as caught:
        unlock_key(file, tell(wrong), keyring=no_keyring)
    assert caught.value.field == "passphrase"
    assert caught.value.remedy
    assert (file.read_bytes(), file.stat().st_mtime_ns, sorted(file.parent.iterdir())) == before


def test_an_empty_passphrase_is_refused(file: Path) -> None:
    with pytest.raises(InputError, match="empty"):
        create_key(file, tell(""), keyring=no_keyring)
    assert not file.exists()


def test_differently_composed_letters_are_the_same_passphrase(file: Path) -> None:
    key = create_key(file, tell("caf\u00e9"), keyring=no_keyring)
    assert unlock_key(file, tell("cafe\u0301"), keyring=no_keyring) == key


def test_without_keyring_and_passphrase_there_is_no_key(file: Path) -> None:
    with pytest.raises(EnvironmentFault, match="passphrase is needed") as caught:
        create_key(file, None, keyring=no_keyring)
    assert "CASEWORTH_PASSPHRASE_FILE" in caught.value.remedy
    assert not file.exists()


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_named_file_goes_before_keyring_and_prompt(
    file: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    secret = file.parent / "secret.txt"
    secret.write_bytes((PASSPHRASE + ending).encode())
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(secret))
    keyring = MemoryKeyring()
    key = create_key(file, never, keyring=keyring)
    assert unlock_key(file, never, keyring=keyring) == key
    assert keyring.kept == {}
    monkeypatch.delenv("CASEWORTH_PASSPHRASE_FILE")
    assert unlock_key(file, tell(), keyring=keyring) == key


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_named_file_that_cannot_be_read_is_told(
    file: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    create_key(file, tell(), keyring=no_keyring)
    secret = file.parent / "secret.txt"
    if content is not None:
        secret.write_bytes(content)
    monkeypatch.setenv("CASEWORTH_PASSPHRASE_FILE", str(secret))
    with pytest.raises(InputError, match="cannot be read") as caught:
        unlock_key(file, never, keyring=no_keyring)
    assert caught.value.field == "passphrase"


def test_the_passphrase_can_be_changed_without_changing_the_key(file: Path) -> None:
    key = create_key(file, tell(), keyring=no_keyring)
    change_passphrase(file, key, "another one")
    assert unlock_key(file, tell("another one"), keyring=no_keyring) == key
    with pytest.raises(InputError, match="wrong"):
        unlock_key(file, tell(), keyring=no_keyring)


# -- keyring


def test_the_keyring_gives_the_key_back_and_asks_nobody(file: Path) -> None:
    keyring = MemoryKeyring()
    key = create_key(file, never, keyring=keyring)
    assert unlock_key(file, never, keyring=keyring) == key
    assert key_is_wrapped_by(file) == "keyring"
    (kept,) = keyring.kept.values()
    assert base64.b64decode(kept) != key, "the keyring holds the wrapping key only"


@pytest.mark.parametrize("useless", [ForgetfulKeyring(), LockedKeyring(), no_keyring])
def test_without_a_usable_keyring_the_passphrase_is_taken(file: Path, useless: keyrings.KeyringSource) -> None:
    key = create_key(file, tell(), keyring=useless)
    assert key_is_wrapped_by(file) == "passphrase"
    assert unlock_key(file, tell(), keyring=useless) == key


def test_a_hanging_keyring_is_given_up_in_time(file: Path, hanging: HangingKeyring) -> None:
    started = time.perf_counter()
    create_key(file, tell(), keyring=hanging, limit_s=0.2)
    assert time.perf_counter() - started < 3
    assert key_is_wrapped_by(file) == "passphrase"


def test_a_keyring_that_fails_later_is_told(file: Path, hanging: HangingKeyring) -> None:
    keyring = MemoryKeyring()
    create_key(file, never, keyring=keyring)
    for useless, words in (
        (no_keyring, "none answers"),
        (LockedKeyring(), "locked"),
        (hanging, "no answer within 0.2 seconds"),
        (MemoryKeyring(), "does not hold"),
    ):
        with pytest.raises(EnvironmentFault, match=words) as caught:
            unlock_key(file, never, keyring=useless, limit_s=0.2)
        assert caught.value.remedy
    (entry,) = keyring.kept
    for text, words in (("no base64!", "no key"), (base64.b64encode(bytes(32)).decode(), "another key")):
        keyring.kept[entry] = text
        with pytest.raises(EnvironmentFault, match=words):
            unlock_key(file, never, keyring=keyring)


def test_only_named_backends_are_ever_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {name for names in keyrings.BACKENDS.values() for name in names}
    assert named == {
        "keyring.backends.SecretService:Keyring",
        "keyring.backends.kwallet:DBusKeyring",
        "keyring.backends.Windows:WinVaultKeyring",
        "keyring.backends.macOS:Keyring",
    }
    tried: list[str] = []

    def record(name: str) -> keyrings.Keyring:
        tried.append(name)
        raise KeyringError

    monkeypatch.setattr(keyrings, "_backend", record)
    monkeypatch.setattr(sys, "platform", "linux")
    assert find_keyring(1) is None
    assert tried == list(keyrings.BACKENDS["linux"])
    tried.clear()
    for other in (
        "keyring.backends.null.Keyring",
        "keyrings.alt.file.PlaintextKeyring",
        "keyring.backends.fail.Keyring",
    ):
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", other)
        assert find_keyring(1) is None
    assert tried == []


def test_this_machines_keyrings_are_looked_for_without_an_error() -> None:
    started = time.perf_counter()
    found = find_keyring(5)
    assert found is None or type(found).__module__.startswith("keyring.backends.")
    assert time.perf_counter() - started < 20


def test_a_failing_question_says_how_it_failed() -> None:
    def fail() -> str:
        raise OSError("no bus")

    with pytest.raises(KeyringError, match="OSError: no bus"):
        asked(fail, 5)


# -- the file


def test_an_existing_workspace_is_not_overwritten(file: Path) -> None:
    create_key(file, tell(), keyring=no_keyring)
    before = file.read_bytes()
    with pytest.raises(EnvironmentFault, match="workspace already"):
        create_key(file, tell("other"), keyring=no_keyring)
    assert file.read_bytes() == before


def test_the_file_holds_no_secret(file: Path) -> None:
    key = create_key(file, tell(), keyring=no_keyring)
    content = file.read_bytes()
    for secret in (key, key.hex().encode(), base64.b64encode(key), PASSPHRASE.encode()):
        assert secret not in content
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o077 == 0


def test_a_missing_file_is_told(file: Path) -> None:
    with pytest.raises(EnvironmentFault, match="not a Caseworth workspace") as caught:
        unlock_key(file, tell(), keyring=no_keyring)
    assert "init" in caught.value.remedy


def test_every_changed_character_is_told_apart_from_a_wrong_passphrase(file: Path) -> None:
    create_key(file, tell(), keyring=no_keyring)
    good = file.read_text()
    for place in range(0, len(good), 5):
        if good[place].isspace():
            continue
        changed = "y" if good[place] != "y" else "z"
        file.write_text(good[:place] + changed + good[place + 1 :])
        with pytest.raises(EnvironmentFault, match="damaged"):
            unlock_key(file, never, keyring=no_keyring)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe", b'{"format": 1, "digest": 7}'])
def test_other_content_is_told(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(EnvironmentFault, match="damaged"):
        unlock_key(file, never, keyring=no_keyring)


def test_a_newer_format_is_refused(file: Path) -> None:
    file.write_text(json.dumps({"format": 2, "anything": "else"}))
    with pytest.raises(EnvironmentFault, match="newer version of Caseworth"):
        unlock_key(file, never, keyring=no_keyring)


@pytest.mark.parametrize("change", [{"n": 2**30}, {"n": 2**10}, {"name": "md5"}, {"r": 10**6}, {"p": 0}])
def test_a_crafted_derivation_is_refused_before_it_costs_anything(file: Path, change: dict[str, object]) -> None:
    create_key(file, tell(), keyring=no_keyring)
    body = read_workspace_json(file)
    body["key"]["kdf"] |= change
    keys._write(file, body)
    with pytest.raises(EnvironmentFault, match="key derivation"):
        unlock_key(file, tell(), keyring=no_keyring)


def test_a_key_that_fails_its_check_is_damage_and_not_a_wrong_passphrase(file: Path) -> None:
    create_key(file, tell(), keyring=no_keyring)
    body = read_workspace_json(file)
    keys._write(file, body | {"check": "0" * 32})
    with pytest.raises(EnvironmentFault, match="damaged"):
        unlock_key(file, tell(), keyring=no_keyring)
