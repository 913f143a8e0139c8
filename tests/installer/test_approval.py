"""The approval pack: what it says of a program's folder, in bytes that can be made and checked again."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from tests.installer.json_schema import Validator

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

import approval  # noqa: E402
from approving import listing  # noqa: E402
from approving.bill import licences  # noqa: E402
from approving.binaries import hardening  # noqa: E402

SCHEMA = "bom-1.6.SNAPSHOT.schema.json"
MOMENT = "1795341386"


@pytest.fixture(scope="module")
def validator() -> Validator:
    with zipfile.ZipFile(Path(__file__).parent / "cyclonedx-1.6.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".json")]
        return Validator({name: json.loads(archive.read(name)) for name in names})


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder like that of ``make installer``: metadata of packages, one with a library, fonts, a model, a link."""
    folder = tmp_path / "program"
    inside = folder / "_internal"
    for name in ("duckdb", "defusedxml", "PyYAML", "psutil"):
        found = distribution(name)
        for file in found.files or ():
            source = Path(str(file.locate()))
            if ".dist-info" in str(file) and ".." not in file.parts and file.name != "RECORD":
                target = inside / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
            elif name == "psutil" and file.suffix == ".so":
                (inside / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, inside / file)
    fonts = inside / "data" / "fonts"
    fonts.mkdir(parents=True)
    shutil.copyfile(ROOT / "data" / "fonts" / "Inter-Regular.otf", fonts / "Inter-Regular.otf")
    weights = inside / "local_models" / "weights"
    weights.mkdir(parents=True)
    (weights / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"GGUF, a stand-in")
    (inside / "libz.so.1").write_bytes(b"\x7fELF\x01 deflate 1.2.13 Copyright 1995-2022")
    (folder / "caseworth").write_text("#!/bin/sh\n")
    (inside / "libz.so").symlink_to("libz.so.1")
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", tmp_path / "key.pem"], check=True)
    return tmp_path / "key.pem"


@pytest.fixture
def pack(program: Path, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", MOMENT)
    approval.write_pack(program, tmp_path / "pack", key)
    return tmp_path / "pack"


def components(made: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each for each in made["components"]}


def bill_in(pack: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((pack / approval.BILL).read_text("utf-8"))
    return made


# -- the bill


def test_the_bill_is_valid_cyclonedx(pack: Path, validator: Validator) -> None:
    assert validator.errors(bill_in(pack), SCHEMA) == []


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (lambda made: made["components"][0].pop("type"), "type is missing"),
        (lambda made: made["components"][0].update(licenses=[{"license": {"id": "No-Such-1.0"}}]), "licenses"),
        (lambda made: made["components"][0].update(colour="red"), "colour"),
        (lambda made: made.update(serialNumber="42"), "serialNumber"),
        (lambda made: made["metadata"].update(timestamp="yesterday"), "timestamp"),
    ],
)
def test_the_validator_finds_what_is_wrong(
    pack: Path, validator: Validator, spoil: Callable[[Any], object], where: str
) -> None:
    made = bill_in(pack)
    spoil(made)
    assert any(where in error for error in validator.errors(made, SCHEMA))


def test_every_part_is_told_with_version_licence_and_digest(pack: Path, program: Path) -> None:
    found = components(bill_in(pack))
    assert found["duckdb"]["version"] == distribution("duckdb").version
    assert found["duckdb"]["licenses"] == [{"expression": "MIT"}]
    accepted = [one["content"] for one in found["duckdb"]["externalReferences"][0]["hashes"]]
    lock = (ROOT / "requirements.lock").read_text()
    assert accepted
    assert all(f"--hash=sha256:{one}" in lock for one in accepted)
    library = found["psutil"]["components"][0]
    file = program / library["properties"][0]["value"]
    assert library["hashes"] == [{"alg": "SHA-256", "content": listing.digest(file)}]
    assert found["Inter-Regular.otf"]["licenses"] == [{"expression": "OFL-1.1"}]
    model = found["SmolLM2-135M-Instruct"]
    assert (model["type"], model["modelCard"]["modelParameters"]["task"]) == (
        "machine-learning-model",
        "text-generation",
    )
    assert (found["libz.so.1"]["version"], found["libz.so.1"]["description"]) == ("1.2.13", "zlib")


def test_every_library_of_the_program_stands_in_the_bill(pack: Path, program: Path) -> None:
    def places(each: dict[str, Any]) -> list[str]:
        own = [one["value"] for one in each.get("properties", ())]
        return own + [place for part in each.get("components", ()) for place in places(part)]

    told = {place for each in bill_in(pack)["components"] for place in places(each)}
    libraries = {
        file.relative_to(program).as_posix() for file in listing.files_of(program) if ".so" in "".join(file.suffixes)
    }
    assert libraries <= told


def test_references_lead_to_parts_that_are_there(pack: Path) -> None:
    made = bill_in(pack)
    known = {each["bom-ref"] for each in made["components"]} | {made["metadata"]["component"]["bom-ref"]}
    assert {each["ref"] for each in made["dependencies"]} <= known
    assert {ref for each in made["dependencies"] for ref in each["dependsOn"]} <= known


def test_a_folder_without_metadata_is_told_from_the_lock_file(tmp_path: Path, validator: Validator) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "caseworth").write_text("")
    made = approval.bill(tmp_path / "bare", "1", approval.datetime(2026, 1, 1, tzinfo=approval.UTC))
    assert {"duckdb", "PySide6_Essentials", "llama_cpp_python"} <= components(made).keys()
    assert validator.errors(made, SCHEMA) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("MIT License", [{"expression": "MIT"}]),
        ("LGPL-3.0-only OR GPL-2.0-only", [{"expression": "LGPL-3.0-only OR GPL-2.0-only"}]),
        ("BSD License", [{"license": {"name": "BSD License"}}]),
        ("see its sources", [{"license": {"name": "see its sources"}}]),
    ],
)
def test_licences_are_expressions_only_where_they_are(said: str, told: list[Any]) -> None:
    assert licences(said) == told


# -- the pack


def test_the_same_program_gives_the_same_bytes(
    program: Path, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", MOMENT)
    other = tmp_path / "elsewhere" / "program"
    shutil.copytree(program, other, symlinks=True)
    for name, folder in (("one", program), ("two", other)):
        approval.write_pack(folder, tmp_path / name, key)
        approval.write_zip(tmp_path / name, tmp_path / f"{name}.zip", approval.commit_time())
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_no_page_leaves_a_blank_or_a_path_of_this_machine(pack: Path) -> None:
    for file in pack.glob("*.md"):
        text = file.read_text("utf-8")
        assert "$" not in text.replace("$ORIGIN", ""), file.name
        assert str(ROOT) not in text
        assert str(pack.parent) not in text


def test_licence_texts_stand_in_the_notices(pack: Path) -> None:
    text = (pack / approval.NOTICES).read_text("utf-8")
    assert "Permission is hereby granted, free of charge" in text
    assert "SIL OPEN FONT LICENSE" in text
    assert "duckdb" in text


def test_openssl_and_sha256sum_verify_the_pack_and_the_program(pack: Path, program: Path) -> None:
    steps = (pack / "README.md").read_text("utf-8")
    for command in (
        "openssl pkeyutl -verify -pubin -inkey signer.pem -rawin -in PACK.sha256 -sigfile PACK.sha256.sig",
        "sha256sum --check --strict PACK.sha256",
    ):
        assert command in steps
        subprocess.run(command.split(), cwd=pack, check=True, capture_output=True)
    assert "sha256sum --check --strict --quiet /path/to/pack/PROGRAM.sha256" in steps
    check = ["sha256sum", "--check", "--strict", "--quiet", pack / approval.FILES]
    subprocess.run(check, cwd=program, check=True, capture_output=True)


def test_the_program_as_installed_verifies_with_what_the_installer_adds(pack: Path, program: Path, key: Path) -> None:
    (program / "installed").write_text("f /usr/bin/caseworth\n")
    (program / "uninstall").write_text("#!/bin/sh\n")
    assert approval.verify(pack, program, None) == 0
    assert approval.verify(pack, program, pack / approval.KEY) == 0


@pytest.mark.parametrize("harm", ["changed", "missing", "added", "link", "page", "signature", "key", "unsigned"])
def test_whatever_was_altered_is_found(
    pack: Path, program: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], harm: str
) -> None:
    trusted = None
    if harm == "changed":
        (program / "caseworth").write_text("#!/bin/sh\ncurl\n")
    elif harm == "missing":
        (program / "_internal" / "data" / "fonts" / "Inter-Regular.otf").unlink()
    elif harm == "added":
        (program / "_internal" / "sitecustomize.py").write_text("")
    elif harm == "link":
        (program / "_internal" / "libz.so").unlink()
        (program / "_internal" / "libz.so").symlink_to("data")
    elif harm == "page":
        (pack / "PERMISSIONS.md").write_text("none")
    elif harm == "signature":
        content = bytearray((pack / approval.SIGNATURE).read_bytes())
        content[3] ^= 1
        (pack / approval.SIGNATURE).write_bytes(content)
    elif harm == "key":
        private, trusted = tmp_path / "other.pem", tmp_path / "other.pub"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
        subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", trusted], check=True)
    else:
        (pack / approval.SIGNATURE).unlink()
    assert approval.verify(pack, program, trusted) == 1
    said = capsys.readouterr()
    assert "NOT as it was approved" in said.out
    assert said.err.strip()


def test_a_folder_with_other_things_is_left_alone(program: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.odt").write_text("mine")
    with pytest.raises(SystemExit, match=r"thesis\.odt"):
        approval.write_pack(program, tmp_path / "full")
    assert (tmp_path / "full" / "thesis.odt").read_text() == "mine"


def test_a_link_that_leads_out_is_refused(program: Path) -> None:
    (program / "out").symlink_to("/etc")
    with pytest.raises(SystemExit, match="leads out"):
        listing.links(program)


# -- hardening


@pytest.mark.skipif(not shutil.which("gcc"), reason="no compiler here")
def test_flags_are_read_as_the_linker_set_them(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text(
        "#include <string.h>\n#include <stdio.h>\n"
        "int main(int n, char **v) { char b[64]; strcpy(b, v[n - 1]); puts(b); return 0; }\n"
    )
    hard = ["-O2", "-pie", "-fPIE", "-fstack-protector-all", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"]
    hard += ["-Wl,-z,relro,-z,now", "-Wl,-z,noexecstack"]
    soft = ["-O0", "-no-pie", "-fno-stack-protector", "-U_FORTIFY_SOURCE", "-Wl,-z,norelro", "-Wl,-z,execstack"]
    for name, flags in (("hard", hard), ("soft", soft), ("lazy", ["-shared", "-fPIC", "-Wl,-z,relro,-z,lazy"])):
        subprocess.run(["gcc", *flags, source, "-o", tmp_path / name], check=True, capture_output=True)
    found = {name: hardening(tmp_path / name) for name in ("hard", "soft", "lazy")}
    read = {
        name: (each.form, each.position_independent, each.no_execute, each.relro, each.canary, each.fortified)
        for name, each in found.items()
        if each
    }
    assert read["hard"] == ("ELF program", True, True, "full", True, True)
    assert read["soft"] == ("ELF program", False, False, "no", False, False)
    assert read["lazy"][:4] == ("ELF library", True, True, "partial")


def test_flags_of_windows_programs_are_read(tmp_path: Path) -> None:
    header = bytearray(512)
    header[:2] = b"MZ"
    struct.pack_into("<I", header, 0x3C, 0x80)
    header[0x80:0x84] = b"PE\0\0"
    struct.pack_into("<H", header, 0x80 + 24 + 70, 0x40 | 0x100 | 0x4000)
    (tmp_path / "a.exe").write_bytes(header)
    found = hardening(tmp_path / "a.exe")
    assert found is not None
    assert (found.position_independent, found.no_execute, found.more) == (True, True, ("control flow guard",))


def test_other_files_have_no_flags_and_broken_ones_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    assert hardening(tmp_path / "a.txt") is None
    (tmp_path / "b.so").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(20))
    with pytest.raises(ValueError, match="cut short"):
        hardening(tmp_path / "b.so")
