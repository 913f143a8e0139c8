"""The recipe of llama.cpp's libraries: the pinned source only, nothing of this machine, and nothing built twice."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from local_models import backends
from tests.installer.recipes import recipe

llama, prove = recipe("llama/build"), recipe("llama/prove")


def test_the_lock_pins_one_source(root: Path) -> None:
    version, digest = llama.pinned((root / "requirements.lock").read_text(encoding="utf-8"))
    assert f"llama-cpp-python {version}" == backends.runtime()
    assert len(digest) == 64


def test_a_lock_without_the_pin_is_refused() -> None:
    with pytest.raises(SystemExit, match="does not pin"):
        llama.pinned("llama-cpp-python==1 \\\n    --hash=sha256:ab\n")


def test_list_and_system_are_named_as_the_program_reads_them() -> None:
    assert backends.LISTED == llama.LISTED
    assert llama.platform_tag() == backends.system()


def test_every_processor_of_the_kind_and_nothing_of_this_machine(tmp_path: Path) -> None:
    options = llama.portable_options(None)
    assert (options["GGML_CPU_ALL_VARIANTS"], options["GGML_NATIVE"], options["GGML_BACKEND_DL"]) == ("ON", "OFF", "ON")
    package = llama.portable_options("vulkan")
    assert (package["GGML_VULKAN"], package["GGML_CPU"]) == ("ON", "OFF")
    assert "GGML_CPU_ALL_VARIANTS" not in package
    flags = llama.compiler_flags(tmp_path / "source", tmp_path / "build")
    assert f"-ffile-prefix-map={tmp_path / 'source'}=." in flags["CMAKE_CXX_FLAGS"]


def test_another_archive_than_the_pinned_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "other.tar.gz"
    archive.write_bytes(b"other")
    with pytest.raises(SystemExit, match="its digest is another one"):
        llama.unpacked(archive, "0" * 64, tmp_path)


VARIANTS = "".join(f"    ggml_add_cpu_backend_variant({name}  AVX)\n" for name in ("haswell", *llama.DROPPED)).encode()


def add(packed: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    packed.addfile(member, io.BytesIO(content))


def test_a_list_of_other_variants_ends_the_build(tmp_path: Path) -> None:
    listed = tmp_path / "CMakeLists.txt"
    listed.write_bytes(VARIANTS)
    llama.drop_variants(listed)
    assert listed.read_text() == "    ggml_add_cpu_backend_variant(haswell  AVX)\n"
    with pytest.raises(SystemExit, match="does not list the variant"):
        llama.drop_variants(listed)


def test_only_llama_is_unpacked_and_no_repository(tmp_path: Path) -> None:
    archive = tmp_path / "source.tar.gz"
    names = ("p-1/vendor/llama.cpp/ggml/src/CMakeLists.txt", "p-1/vendor/llama.cpp/.git", "p-1/setup.py")
    with tarfile.open(archive, "w:gz") as packed:
        for name in names:
            add(packed, name, VARIANTS)
    folder = llama.unpacked(archive, llama.sha256(archive), tmp_path)
    found = [file.relative_to(tmp_path / "source").as_posix() for file in (tmp_path / "source").rglob("*")]
    assert [name for name in found if (tmp_path / "source" / name).is_file()] == [names[0]]
    assert folder == tmp_path / "source" / "p-1" / "vendor" / "llama.cpp"


def test_what_was_built_stands_until_recipe_or_bytes_change(tmp_path: Path) -> None:
    made = tmp_path / "libggml-vulkan.so"
    made.write_bytes(b"built, needs GLIBC_2.14 and GLIBC_2.9")
    known = {"runtime": backends.runtime(), "platform": backends.system()}
    out = tmp_path / "out"
    llama.collect([made], out, known, "vulkan")
    assert llama.stands(out, known)
    assert not llama.stands(out, known | {"platform": "other"})
    listed = json.loads((out / llama.LISTED).read_text())
    assert (listed["name"], listed["glibc"]) == ("vulkan", "2.14")
    for path in (out, *out.iterdir()):
        path.chmod(0o755)
    assert backends.checked(out) == out / "libggml-vulkan.so"  # the program takes what the recipe makes
    (out / made.name).write_bytes(b"changed")
    assert not llama.stands(out, known)


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for CMake is a shell script")
def test_a_build_names_each_library_and_is_not_made_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a CMake that only writes files: what is asked of it, and what is taken of what it made."""
    tools, archive, lock = tmp_path / "tools", tmp_path / "source.tar.gz", tmp_path / "lock"
    with tarfile.open(archive, "w:gz") as packed:
        add(packed, "p-1/vendor/llama.cpp/ggml/src/CMakeLists.txt", VARIANTS)
    lock.write_text(f"llama-cpp-python==0.3.36 \\\n    --hash=sha256:{llama.sha256(archive)}\n")
    tools.mkdir()
    cmake = tools / "cmake"
    cmake.write_text(
        f'#!/bin/sh\necho "$@" "GIT_DIR=$GIT_DIR" >> {tmp_path}/asked\n'
        '[ "$1" = --build ] || exit 0\nmkdir -p "$2/bin"\n'
        'for each in libllama libggml libggml-base libggml-cpu-sse42 other; do echo "$each" > "$2/bin/$each.so"; done\n'
    )
    cmake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    text = (root / "packaging/llama/build.py").read_text(encoding="utf-8")
    script = tmp_path / "packaging" / "llama" / "build.py"
    script.parent.mkdir(parents=True)
    script.write_text(text.replace('ROOT / "requirements.lock"', f"Path({str(lock)!r})"))
    command = [sys.executable, script, "--source", archive, "--work", tmp_path / "work", "--out", tmp_path / "out"]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == str(tmp_path / "out")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 2  # told what to build, and built, once
    assert all(line.endswith("GIT_DIR=/dev/null") for line in asked)
    files = {file.stem for file in (tmp_path / "out").iterdir()} - {"libraries"}
    assert files == {"libllama", "libggml", "libggml-base", "libggml-cpu-sse42"}


READY = {"ready": {"runtime": "llama-cpp-python 0.3.36 (sse42)"}}


def worker(tmp_path: Path, *said: dict[str, object]) -> list[str]:
    """A worker that says this, whatever it is asked."""
    script = tmp_path / "worker.py"
    script.write_text("\n".join(f"print({json.dumps(each)!r}, flush=True)" for each in said))
    return [sys.executable, str(script)]


def test_a_proof_needs_the_text_twice(tmp_path: Path) -> None:
    texts = [{"id": number, "answer": {"text": " a loan"}} for number in (1, 2)]
    assert prove.generation(worker(tmp_path, READY, *texts), {}, {}) == (READY["ready"]["runtime"], [" a loan"] * 2)
    assert prove.generation(worker(tmp_path, READY, texts[0]), {}, {})[1] == [" a loan"]


def test_a_worker_that_fails_says_why(tmp_path: Path) -> None:
    assert prove.generation(worker(tmp_path, {"fault": "no such model"}), {}, {}) == ("no such model", [])
    assert prove.generation(worker(tmp_path), {}, {})[1] == []
