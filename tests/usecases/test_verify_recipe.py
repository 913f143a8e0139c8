"""The commands of docs/verify.md, run as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.adapters.signing_keys import PersonSigner
from app.domain.package import CONTENTS, read_archive, write_archive
from tests.decided_case import decided_workspace, export, new_signer

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("unzip", "sha256sum", "openssl", "sh")),
    reason="needs unzip, sha256sum and openssl",
)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> PersonSigner:
    return new_signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module", params=["en", "zh"])
def package(request: pytest.FixtureRequest, signer: PersonSigner, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """With the real PDF; the events of the Chinese case carry a quoted text that looks like a digest."""
    workspace, case_id = decided_workspace(request.param)
    if request.param == "zh":
        with workspace.transaction() as stores:
            trap = f',"digest":"{"0" * 64}","person":"x"'
            stores.events.append(
                "王小明", case_id, "note.added", {"text": trap, "更": {"digest": "1" * 64, "person": "y"}}
            )
    return export(workspace, case_id, tmp_path_factory.mktemp("out") / "a.cwz", signer).path.read_bytes()


def recipe(root: Path) -> str:
    return "\n".join(
        re.findall(r"```sh\n(.*?)```", (root / "docs" / "verify.md").read_text(encoding="utf-8"), re.DOTALL)
    )


def run_recipe(root: Path, folder: Path, package: bytes, trusted: str) -> subprocess.CompletedProcess[str]:
    (folder / "package.cwz").write_bytes(package)
    return subprocess.run(
        ["sh", "-c", recipe(root)],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "TRUSTED": trusted, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_recipe_accepts_a_whole_package(root: Path, tmp_path: Path, package: bytes, signer: PersonSigner) -> None:
    done = run_recipe(root, tmp_path, package, signer.key_id())
    assert done.returncode == 0, done.stderr
    assert [f"{name}: OK" in done.stdout for name in CONTENTS] == [True] * len(CONTENTS)
    assert "Signature Verified Successfully" in done.stdout
    assert "events OK" in done.stdout


def test_the_recipe_names_only_tools_everybody_has(root: Path) -> None:
    assert not {"python", "jq", "perl", "caseworth"} & set(re.findall(r"\w+", recipe(root))) - {"caseworth"}


@pytest.mark.parametrize("name", [*CONTENTS, "manifest.json"])
def test_the_recipe_refuses_a_changed_part(
    root: Path, tmp_path: Path, package: bytes, signer: PersonSigner, name: str
) -> None:
    parts = read_archive(package)
    content = bytearray(parts[name])
    content[len(content) // 2] ^= 1
    assert run_recipe(root, tmp_path, write_archive(parts | {name: bytes(content)}), signer.key_id()).returncode


def test_the_recipe_refuses_a_part_more_or_less(
    root: Path, tmp_path: Path, package: bytes, signer: PersonSigner
) -> None:
    parts = read_archive(package)
    for number, changed in enumerate(
        (parts | {"more.json": b"{}"}, {name: content for name, content in parts.items() if name != "facts.json"})
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert run_recipe(root, folder, write_archive(changed), signer.key_id()).returncode


def test_the_recipe_refuses_another_key(root: Path, tmp_path: Path, package: bytes, signer: PersonSigner) -> None:
    parts = read_archive(package)
    other = new_signer(tmp_path / "keys", "Mallory")
    (tmp_path / "out").mkdir()
    assert run_recipe(root, tmp_path / "out", package, other.key_id()).returncode
    forged = {name: other.public_key_pem() if name.endswith(".pem") else content for name, content in parts.items()}
    (tmp_path / "forged").mkdir()
    assert run_recipe(root, tmp_path / "forged", write_archive(forged), other.key_id()).returncode


def test_the_recipe_refuses_a_changed_event(root: Path, tmp_path: Path, package: bytes, signer: PersonSigner) -> None:
    """Even where the manifest was made to agree: step 5 alone."""
    parts = read_archive(package)
    parts["events.jsonl"] = parts["events.jsonl"].replace(b"decision.recorded", b"decision.revoked0")
    last = recipe(root).split("while IFS=")[1]
    (tmp_path / "events.jsonl").write_bytes(parts["events.jsonl"])
    done = subprocess.run(["sh", "-c", "set -eu\nwhile IFS=" + last], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode
    assert b"events OK" not in done.stdout


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs poppler-utils")
def test_pdfsig_accepts_the_report(tmp_path: Path, package: bytes, signer: PersonSigner) -> None:
    (tmp_path / "report.pdf").write_bytes(read_archive(package)["report.pdf"])
    printed = subprocess.run(["pdfsig", tmp_path / "report.pdf"], capture_output=True, check=False).stdout.decode()
    assert "Signature is Valid." in printed
    assert "Total document signed" in printed
    assert signer.key_id() in printed
