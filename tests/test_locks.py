"""The lock files pin every package with hashes and name no registry."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-modelling.lock",
    "requirements-speech.lock",
    "requirements-installer.lock",
)


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    pins = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert pins
    assert [pin.splitlines()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("name", LOCKS)
def test_no_registry_is_named(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--find-links|--extra-index", text)


def test_the_lock_holds_what_the_project_asks_for(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (root / "requirements.lock").read_text(encoding="utf-8").lower()
    wanted = [re.split(r"[<>=~!]", line)[0].strip().lower() for line in project["dependencies"]]
    assert [name for name in wanted if not re.search(rf"(?m)^{re.escape(name)}==", lock)] == []


def test_one_version_everywhere(root: Path) -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"(?m)^[a-z0-9][^ \\]*==[^ \\]+", (root / name).read_text(encoding="utf-8")))

    desk = pins(LOCKS[0])
    assert desk <= pins(LOCKS[1])
    assert desk <= pins(LOCKS[2])
    assert desk <= pins(LOCKS[3])
