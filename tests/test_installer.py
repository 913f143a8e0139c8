"""The installers: packed over a stand-in for the program, twice alike, installed and removed without a trace."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import pytest

MOMENT = 1_700_000_000
linux = pytest.mark.skipif(sys.platform != "linux", reason="what it makes is for Linux")


@pytest.fixture
def tools(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The modules of ``packaging``, which are no part of the program."""
    import importlib

    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(root / "packaging"))
    names = (
        "archives",
        "manual",
        "payload",
        "tidy",
        "smoke",
        "linux.debian",
        "linux.runner",
        "linux.system",
        "linux.tree",
    )
    yield SimpleNamespace(**{name.split(".")[-1]: importlib.import_module(name) for name in names})
    for name in set(sys.modules) - before:
        if name.split(".")[0] in {each.split(".")[0] for each in names}:
            del sys.modules[name]


def stand_in(folder: Path) -> Path:
    """A program that says its arguments, with a library, a link and a file that is not ASCII by name."""
    program = folder / "caseworth"
    inside = program / "_internal" / "data"
    inside.mkdir(parents=True)
    (program / "caseworth").write_text('#!/bin/sh\necho "caseworth $*"\n', encoding="utf-8")
    (program / "caseworth").chmod(0o700 if folder.name == "one" else 0o755)
    (inside / "großbuch.toml").write_text("名 = 1\n", encoding="utf-8")
    (inside / "numbers.bin").write_bytes(bytes(range(256)) * 40)
    (program / "_internal" / "link.bin").symlink_to("data/numbers.bin")
    return program


def packed(tools: SimpleNamespace, folder: Path) -> tuple[Path, Path]:
    """The package and the archive over a stand-in."""
    release = tools.tree.Release("1.2.3", MOMENT, "amd64")
    dress = tools.tree.Dress(".TH CASEWORTH 1\n", b"<svg/>", {48: b"png"})
    files = tools.tree.installed_files(stand_in(folder), release, dress)
    package, archive = folder / "caseworth.deb", folder / "caseworth.run"
    data = tools.debian.write_package(files, release, (["libc6 (>= 2.17)"], ["libwayland-client0"]), package)
    tools.runner.write_archive(package, data, "2.17", release, archive)
    return package, archive


@pytest.fixture
def made(tools: SimpleNamespace, tmp_path: Path) -> tuple[Path, Path]:
    folder = tmp_path / "one"
    folder.mkdir()
    return packed(tools, folder)


def run(*command: object, **settings: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **settings)


def listing(folder: Path) -> dict[str, str]:
    """Every place under a folder: the digest of a file, the target of a link."""
    found = {}
    for path in sorted(folder.rglob("*")):
        kind = str(path.readlink()) if path.is_symlink() else "/" if path.is_dir() else ""
        found[path.relative_to(folder).as_posix()] = kind or hashlib.sha256(path.read_bytes()).hexdigest()
    return found


# -- twice alike


@linux
def test_the_same_bytes_in_another_folder_on_another_day(tools: SimpleNamespace, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "a longer name of a folder"]
    digests = []
    for days, folder in enumerate(folders):
        folder.mkdir()
        package, archive = packed(tools, folder)
        digests.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in (package, archive)])
        for file in folder.rglob("*"):
            os.utime(file, (1000 + 86400 * days,) * 2, follow_symlinks=False)
    assert digests[0] == digests[1]


def test_another_content_gives_other_bytes(tools: SimpleNamespace) -> None:
    def tar(content: bytes) -> bytes:
        return bytes(tools.archives.tar_gz([tools.archives.Entry(PurePosixPath("usr/a"), content)], MOMENT))

    assert tar(b"one") == tar(b"one")
    assert tar(b"one") != tar(b"two")


def test_an_archive_belongs_to_root_and_has_one_date(tools: SimpleNamespace) -> None:
    entries = [
        tools.archives.Entry(PurePosixPath("usr/bin/run"), b"#!/bin/sh\n", executable=True),
        tools.archives.Entry(PurePosixPath("usr/bin/again"), target="run"),
    ]
    out = io.BytesIO()
    tools.archives.write_tar(entries, out, MOMENT)
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as tar:
        members = tar.getmembers()
    assert [member.name for member in members] == [".", "./usr", "./usr/bin", "./usr/bin/again", "./usr/bin/run"]
    assert {(member.uid, member.gid, member.uname, member.mtime) for member in members} == {(0, 0, "root", MOMENT)}
    assert [oct(member.mode) for member in members] == ["0o755", "0o755", "0o755", "0o777", "0o755"]


# -- the package


@linux
@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="there is no dpkg-deb here")
def test_debian_reads_the_package(made: tuple[Path, Path], tmp_path: Path) -> None:
    fields = run("dpkg-deb", "--field", made[0], "Package", "Version", "Architecture", "Depends").stdout
    assert fields.splitlines() == [
        "Package: caseworth",
        "Version: 1.2.3",
        "Architecture: amd64",
        "Depends: libc6 (>= 2.17)",
    ]
    assert run("dpkg-deb", "--extract", made[0], tmp_path / "out").returncode == 0
    usr = tmp_path / "out" / "usr"
    assert run(usr / "bin" / "caseworth", "verify").stdout == "caseworth verify\n"
    assert (usr / "lib/caseworth/_internal/data/großbuch.toml").read_text(encoding="utf-8") == "名 = 1\n"
    run("dpkg-deb", "--control", made[0], tmp_path / "control")
    sums = (tmp_path / "control" / "md5sums").read_text(encoding="utf-8")
    checked = run("md5sum", "--check", "--quiet", "-", input=sums, cwd=tmp_path / "out")
    assert checked.returncode == 0, checked.stderr
    assert len(sums.splitlines()) == sum(file.is_file() and not file.is_symlink() for file in usr.rglob("*"))


def test_what_it_depends_on_follows_from_what_is_asked_for(tools: SimpleNamespace) -> None:
    names = {
        "libc.so.6",
        "libm.so.6",
        "ld-linux-x86-64.so.2",
        "libstdc++.so.6",
        "libxcb-cursor.so.0",
        "libwayland-egl.so.1",
    }
    newest = {"GLIBC": (2, 35), "GLIBCXX": (3, 4, 29)}
    assert tools.system.debian_packages(names, newest) == (
        ["libc6 (>= 2.35)", "libstdc++6 (>= 11)", "libxcb-cursor0"],
        ["libwayland-egl1"],
    )
    with pytest.raises(SystemExit, match=r"libunheard\.so\.9"):
        tools.system.debian_packages({"libunheard.so.9"}, {})


# -- the archive


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "a person"
    (folder / ".local" / "share" / "applications").mkdir(parents=True)
    (folder / ".local" / "share" / "applications" / "other.desktop").write_text("[Desktop Entry]\n", encoding="utf-8")
    return folder


def sh(home: Path, *command: object) -> subprocess.CompletedProcess[str]:
    return run("sh", *command, env={"HOME": str(home), "PATH": os.environ["PATH"]}, cwd=home)


@linux
def test_the_archive_installs_and_removes_itself_without_a_trace(made: tuple[Path, Path], home: Path) -> None:
    before = listing(home)
    done = sh(home, made[1])
    assert done.returncode == 0, done.stderr
    assert run(home / ".local" / "bin" / "caseworth", "--version").stdout == "caseworth --version\n"
    starter = (home / ".local/share/applications/caseworth.desktop").read_text(encoding="utf-8")
    assert f'Exec="{home}/.local/bin/caseworth" desk\n' in starter
    done = run(home / ".local/lib/caseworth/uninstall", env={"HOME": str(home), "PATH": os.environ["PATH"]})
    assert done.returncode == 0, done.stderr
    assert listing(home) == before


@linux
def test_a_second_installation_takes_the_place_of_the_first(
    made: tuple[Path, Path], home: Path, tmp_path: Path
) -> None:
    prefix = tmp_path / "programs"
    assert sh(home, made[1], "--prefix", prefix).returncode == 0
    first = listing(prefix)
    (prefix / "lib/caseworth/_internal/old.bin").write_bytes(b"of an older version")
    done = sh(home, made[1], f"--prefix={prefix}")
    assert done.returncode == 0, done.stderr
    assert listing(prefix) == first
    assert sh(home, made[1], "--uninstall", "--prefix", prefix).returncode == 0
    assert not prefix.exists()


@linux
@pytest.mark.parametrize("at", [0.001, 0.5, 0.999])
def test_an_altered_archive_installs_nothing(made: tuple[Path, Path], home: Path, at: float) -> None:
    content = bytearray(made[1].read_bytes())
    begin = content.index(b"!<arch>\n")
    place = begin + int((len(content) - begin) * at)
    content[place] ^= 1
    made[1].write_bytes(content)
    before = listing(home)
    done = sh(home, made[1])
    assert done.returncode == 1
    assert "damaged or was altered" in done.stderr
    assert listing(home) == before


@linux
def test_a_shortened_archive_installs_nothing(made: tuple[Path, Path], home: Path) -> None:
    made[1].write_bytes(made[1].read_bytes()[:-1])
    assert sh(home, made[1], "--check").returncode == 1
    assert sh(home, made[1]).returncode == 1


@linux
def test_what_others_put_there_is_left_alone(made: tuple[Path, Path], home: Path) -> None:
    (home / ".local" / "bin").mkdir()
    (home / ".local" / "bin" / "caseworth").write_text("mine", encoding="utf-8")
    done = sh(home, made[1])
    assert done.returncode == 1
    assert f"{home}/.local/bin/caseworth" in done.stderr
    assert (home / ".local/bin/caseworth").read_text(encoding="utf-8") == "mine"
    assert not (home / ".local/lib").exists() or listing(home / ".local/lib") == {}
    done = sh(home, made[1], "--uninstall")
    assert done.returncode == 1
    assert "--prefix" in done.stderr


@linux
def test_the_archive_is_for_one_kind_of_machine(tools: SimpleNamespace, tmp_path: Path, home: Path) -> None:
    package = tmp_path / "caseworth.deb"
    package.write_bytes(b"any")
    release = tools.tree.Release("1.2.3", MOMENT, "amd64")
    tools.runner.write_archive(package, (0, 3), "99.1", release, tmp_path / "new.run")
    done = sh(home, tmp_path / "new.run")
    assert done.returncode == 1
    assert "needs glibc 99.1 or newer" in done.stderr
    release = tools.tree.Release("1.2.3", MOMENT, "arm64")
    tools.runner.write_archive(package, (0, 3), "2.17", release, tmp_path / "arm.run")
    if os.uname().machine != "aarch64":
        assert "aarch64" in sh(home, tmp_path / "arm.run").stderr


# -- what goes in


def test_modules_and_data_of_ours_go_in_and_the_workshop_stays_out(tools: SimpleNamespace, root: Path) -> None:
    modules = tools.payload.own_modules()
    assert {"app.__main__", "app.cli.demo", "data.readers.worker", "local_models.worker", "views.main_window"} <= set(
        modules
    )
    assert not {"local_models.fetch", "local_models.wording.train", "data.samples.make"} & set(modules)
    places = {f"{folder}/{file.name}" for file, folder in tools.payload.own_data()}
    listed = run("git", "ls-files", "-z", *tools.payload.PACKAGES, cwd=root)
    if listed.returncode == 0:
        tracked = {name for name in filter(None, listed.stdout.split("\0")) if not name.endswith((".py", "README.md"))}
        assert len(tracked) > 50
        assert sorted(tracked - places) == []
    assert any(place.startswith("local_models/weights/") for place in places)
    assert not [place for place in places if place.endswith((".py", ".pyc"))]


def test_unused_parts_stay_out(tools: SimpleNamespace) -> None:
    kept = ["PySide6/Qt/plugins/platforms/libqxcb.so", "PySide6/Qt/lib/libQt6Widgets.so.6", "pandas/core/frame.py"]
    left = [
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/qml/QtQuick/qmldir",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "pandas/tests/test_x.csv",
    ]
    assert [path for path in kept + left if tools.payload.wanted(path)] == kept


@linux
@pytest.mark.skipif(not (shutil.which("gcc") and shutil.which("strip")), reason="there is no compiler here")
def test_libraries_get_smaller_and_load_as_before(tools: SimpleNamespace, tmp_path: Path) -> None:
    import ctypes

    source = tmp_path / "answer.c"
    source.write_text("static int half(void){return 21;}\nint answer(void){return 2*half();}\n", encoding="utf-8")
    folder = tmp_path / "lib"
    folder.mkdir()
    first, second = folder / "libanswer.so.1.0", folder / "libanswer.so.1"
    assert run("gcc", "-g", "-shared", "-fPIC", "-o", first, source).returncode == 0
    content = first.read_bytes()
    second.write_bytes(content)
    tools.tidy.SHARED_FROM = 1
    assert tools.tidy.link_twins(folder) == len(content)
    assert second.readlink() == Path(first.name)
    assert tools.tidy.strip_symbols(folder) > 0
    assert first.stat().st_size < len(content)
    assert ctypes.CDLL(str(second)).answer() == 42


@linux
@pytest.mark.skipif(not (shutil.which("gcc") and shutil.which("strip")), reason="there is no compiler here")
def test_a_library_that_stripping_would_change_stays(
    tools: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, library = tmp_path / "answer.c", tmp_path / "libanswer.so"
    source.write_text("int answer(void){return 42;}\n", encoding="utf-8")
    assert run("gcc", "-g", "-shared", "-fPIC", "-o", library, source).returncode == 0
    content = library.read_bytes()
    bad = tmp_path / "bin" / "strip"
    bad.parent.mkdir()
    bad.write_text(
        '#!/bin/sh\nexec python3 -c \'import sys; b=bytearray(open(sys.argv[2],"rb").read()); b[4096]^=1; '
        'open(sys.argv[1],"wb").write(b)\' "$3" "$4"\n',
        encoding="utf-8",
    )
    bad.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bad.parent}:{os.environ['PATH']}")
    assert tools.tidy.strip_symbols(tmp_path) == 0
    assert library.read_bytes() == content
    assert not list(tmp_path.glob("*.stripped"))


# -- the program as its own child

FROZEN = "import sys; sys.frozen = True; from app.__main__ import main; sys.exit(main())"


def as_child(module: str, said: str) -> subprocess.CompletedProcess[str]:
    """Start the program as the installed one starts its children."""
    return run(sys.executable, "-c", FROZEN, "--child", module, input=said)


def test_the_installed_program_serves_as_its_own_child() -> None:
    done = as_child(
        "local_models.probe", '{"try": {"path": "nowhere.gguf", "context": 64, "threads": [1], "gpu_layers": 0}}\n'
    )
    assert done.returncode == 0, done.stderr
    assert "nowhere.gguf" in json.loads(done.stdout)["problem"]


def test_it_serves_as_nothing_else() -> None:
    done = as_child("http.server", "")
    assert done.returncode == 2
    assert "usage: caseworth" in done.stderr


def test_every_child_that_is_started_is_served(root: Path) -> None:
    from app.__main__ import CHILDREN

    started = set()
    for package in ("app", "data", "local_models", "views"):
        for file in (root / package).rglob("*.py"):
            for line in file.read_text(encoding="utf-8").splitlines():
                if '"--child"' in line and "argv" not in line:
                    started |= set(re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', line))
    assert started == set(CHILDREN)


# -- the manual


def test_the_manual_tells_every_command_and_option(tools: SimpleNamespace) -> None:
    from app.cli.parser import build_parser

    page = tools.manual.man_page(build_parser(), "1.2.3", "2026-01-02")
    for words in (".SS demo", ".SS scorecard fit", "CASEWORTH_WORKSPACE", "\\-\\-trust PEM"):
        assert words in page
    if shutil.which("groff"):
        shown = run("groff", "-man", "-Tutf8", "-ww", input=page)
        assert shown.stderr == ""
        assert "approve" in shown.stdout


# -- the proof proves


def test_the_proof_sees_what_is_left(tools: SimpleNamespace, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "tool").write_bytes(b"1")
    before = tools.smoke.listing(root)
    tools.smoke.nothing_left(root, before)
    own = root / tools.smoke.WORKSPACES[1:] / "demo"
    own.mkdir(parents=True)
    (own / "workspace.json").write_bytes(b"{}")
    tools.smoke.nothing_left(root, before)
    (root / "usr" / "bin" / "left").write_bytes(b"1")
    with pytest.raises(tools.smoke.Failed, match="/usr/bin/left"):
        tools.smoke.nothing_left(root, before)
    (root / "usr" / "bin" / "left").unlink()
    (root / "usr" / "bin" / "tool").unlink()
    with pytest.raises(tools.smoke.Failed, match="/usr/bin/tool"):
        tools.smoke.nothing_left(root, before)
