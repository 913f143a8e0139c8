"""The Windows installer over a stand-in program: it compiles, comes out the same twice, installs and removes itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from app import __version__
from tests.installer.recipes import recipe

SCRIPT = Path("packaging/windows/caseworth.nsi")
WINE = shutil.which("wine64") or shutil.which("wine") or shutil.which("/usr/lib/wine/wine64")
PLUGINS = Path("/usr/share/nsis/Plugins/amd64-unicode")
resources = recipe("windows/resources")
needs_makensis = pytest.mark.skipif(
    shutil.which("makensis") is None, reason="makensis is not installed (Debian: nsis): the script is not compiled"
)
Compile = Callable[..., Path]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A stand-in for what PyInstaller makes."""
    folder = tmp_path / "program"
    (folder / "_internal" / "a $b" / "字").mkdir(parents=True)
    for place in ("caseworth.exe", "caseworth-desk.exe", "_internal/base.dll", "_internal/a $b/字/one.txt"):
        (folder / place).write_bytes(place.encode())
    return folder


@pytest.fixture
def compiled(root: Path, program: Path, tmp_path: Path) -> Compile:
    def run(name: str, *defines: str) -> Path:
        made = tmp_path / "resources"
        subprocess.run(
            [sys.executable, root / "packaging/windows/resources.py", program, made], check=True, cwd=tmp_path
        )
        out = tmp_path / name
        numbers = ".".join(map(str, resources.four_numbers(__version__)))
        given = [f"-DVERSION={__version__}", f"-DNUMBERS={numbers}", f"-DPROGRAM={program}", f"-DRESOURCES={made}"]
        words = ["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *given, f"-DOUT={out}", *defines, root / SCRIPT]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return out

    return run


def test_the_version_is_the_projects(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "app.__version__"}
    assert resources.version() == __version__


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("0.1.0", (0, 1, 0, 0)), ("2.0", (2, 0, 0, 0)), ("1.2.3rc4", (1, 2, 3, 4)), ("1.2.3.4.5", (1, 2, 3, 4))],
)
def test_versions_in_four_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert resources.four_numbers(version) == numbers


def test_the_version_resource_is_what_pyinstaller_reads() -> None:
    """PyInstaller evaluates the text with these names."""

    def kept(*given: object, **named: object) -> tuple[tuple[object, ...], dict[str, object]]:
        return given, named

    names = ("VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable", "StringStruct", "VarFileInfo")
    text = resources.version_resource("1.2.3")
    _, whole = eval(text, {"__builtins__": {}, "VarStruct": kept} | dict.fromkeys(names, kept))
    assert whole["ffi"][1]["filevers"] == (1, 2, 3, 0)
    assert "('ProductVersion', '1.2.3')" in text.replace("StringStruct", "")


def test_the_icon_has_every_size(tmp_path: Path) -> None:
    file = tmp_path / "icon.ico"
    file.write_bytes(resources.icon())
    with Image.open(file) as picture:
        assert picture.info["sizes"] == {(size, size) for size in resources.SIZES}


def test_exactly_the_programs_files_are_removed(program: Path) -> None:
    assert resources.removal(program).splitlines() == [
        'Delete "$INSTDIR\\_internal\\a $$b\\字\\one.txt"',
        'Delete "$INSTDIR\\_internal\\base.dll"',
        'Delete "$INSTDIR\\caseworth-desk.exe"',
        'Delete "$INSTDIR\\caseworth.exe"',
        'RMDir "$INSTDIR\\_internal\\a $$b\\字"',
        'RMDir "$INSTDIR\\_internal\\a $$b"',
        'RMDir "$INSTDIR\\_internal"',
    ]


def test_nothing_in_the_installer_reaches_the_network_or_removes_by_pattern(root: Path) -> None:
    script = (root / SCRIPT).read_text(encoding="utf-8")
    assert not re.search(r"NSISdl|inetc|https?://", script, re.IGNORECASE)
    removed = [line.strip() for line in script.splitlines() if re.match(r"\s*(RMDir /r|Delete .*\*)", line)]
    assert removed == ['RMDir /r "$LOCALAPPDATA\\Caseworth"']  # the person's data, when they said so


def test_every_text_is_in_both_languages(root: Path) -> None:
    said = re.findall(r"^LangString (\w+) \$\{LANG_(\w+)\}", (root / SCRIPT).read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for name, language in said if language == "ENGLISH"} == {
        name for name, language in said if language == "SIMPCHINESE"
    }


@needs_makensis
def test_the_same_program_gives_the_same_installer(compiled: Compile, program: Path) -> None:
    one = compiled("one.exe").read_bytes()
    for file in program.rglob("*"):
        os.utime(file, (1, 1))
    assert compiled("two.exe").read_bytes() == one


@needs_makensis
def test_the_installer_names_its_version(compiled: Compile) -> None:
    assert __version__.encode("utf-16-le") in compiled("named.exe").read_bytes()  # its resources are not packed


@needs_makensis
@pytest.mark.skipif(os.name != "posix", reason="the stand-in command is a shell script")
def test_installer_and_uninstaller_are_handed_to_the_signing_command(compiled: Compile, tmp_path: Path) -> None:
    log = tmp_path / "signed"
    command = tmp_path / "sign"
    command.write_text(f'#!/bin/sh\nhead -c 2 "$2" >> {log}\necho " $1 $2" >> {log}\n')
    command.chmod(0o755)
    made = compiled("signed.exe", f"-DSIGN={command} WINDOWS")
    lines = log.read_text().splitlines()
    assert len(lines) == 2
    assert all(line.startswith("MZ WINDOWS ") for line in lines)
    assert lines[1].endswith(str(made))


@needs_makensis
@pytest.mark.skipif(WINE is None, reason="Wine is not installed: the compiled installer is not run")
@pytest.mark.skipif(not PLUGINS.is_dir(), reason="this NSIS makes no 64-bit files, which Wine alone would run")
def test_it_installs_for_all_and_for_one_and_removes_itself(
    compiled: Compile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINEPREFIX", str(tmp_path / "wine"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WINEDEBUG", "-all")
    monkeypatch.setenv("WINEDLLOVERRIDES", "mscoree,mshtml=")
    monkeypatch.delenv("DISPLAY", raising=False)
    installer, drive = compiled("run.exe", "-DAMD64"), tmp_path / "wine" / "drive_c"

    def run(*words: str | Path) -> int:
        assert WINE is not None
        done = subprocess.run([WINE, *map(str, words)], capture_output=True, timeout=300, check=False)
        subprocess.run([Path(WINE).with_name("wineserver"), "-w"], timeout=60, check=False)
        return done.returncode

    run("wineboot", "-i")
    assert run(installer, "/S") == 10  # an older Windows than 10 is refused, and said by the exit code
    run("winecfg", "/v", "win10")
    (local,) = (each for each in drive.glob("users/*/AppData/Local") if "Public" not in each.parts)
    data = local / "Caseworth"
    data.mkdir()
    menus = [drive / "ProgramData", *drive.glob("users/*/AppData/Roaming")]

    for_all = drive / "Program Files" / "Caseworth"
    assert run(installer, "/S", "/AllUsers") == 0
    assert (for_all / "_internal" / "a $b" / "字" / "one.txt").read_text(encoding="utf-8").endswith("one.txt")
    assert len([file for menu in menus for file in menu.rglob("Caseworth.lnk")]) == 1
    (for_all / "theirs.txt").write_text("kept")
    assert run(installer, "/S", "/AllUsers") == 0  # over itself
    assert run("C:\\Program Files\\Caseworth\\uninstall.exe", "/S") == 0
    assert [file.name for file in for_all.iterdir()] == ["theirs.txt"]
    assert data.is_dir()  # a silent removal keeps the data

    assert run(installer, "/S", "/CurrentUser", "/D=C:\\given") == 0
    assert (drive / "given" / "caseworth.exe").is_file()
    assert run(installer, "/S", "/CurrentUser", "/D=C:\\moved") == 0
    assert not (drive / "given").exists()
    assert run("C:\\moved\\uninstall.exe", "/S", "/REMOVEDATA") == 0
    assert not (drive / "moved").exists()
    assert not data.exists()
    assert [file for menu in menus for file in menu.rglob("Caseworth.lnk")] == []
