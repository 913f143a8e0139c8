"""Prove that models run on old processors: a short generation under each of several, as QEMU plays them.

``python packaging/llama/prove.py`` takes the libraries of ``build/llama/lib`` and the Python of the environment;
``--program DIR`` takes the installed program instead. Needs ``qemu-x86_64`` (Debian: qemu-user) and patience: a played
processor is some fifty times slower. Prints what llama.cpp chose on each, and what it worded; ends with 1 where a
variant is not the one expected, where a text does not come, or comes otherwise a second time.

``--backend DIR`` has a package for graphics processors do the work, on this machine; for Mesa's software driver set
``GGML_VK_VISIBLE_DEVICES=0``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARIES = ROOT / "build" / "llama" / "lib"
MODEL = "local_models/weights/SmolLM2-135M-Instruct.Q4_1.gguf"
# Processors as QEMU names them, and the variant that each should get; QEMU plays none with AVX-512.
EXPECTED = {
    "Nehalem": "sse42",  # 2008: x86-64-v2, without AVX
    "SandyBridge": "sandybridge",  # 2011: AVX, without AVX2
    "IvyBridge": "ivybridge",  # 2012: and half-precision numbers
    "Haswell": "haswell",  # 2013: x86-64-v3, AVX2
}
PROMPT, TOKENS = "The applicant asks for a loan of", 6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--libraries", type=Path, default=LIBRARIES, help="llama.cpp as packaging/llama/build.py made it"
    )
    parser.add_argument("--program", type=Path, help="the folder of the installed program, with its own libraries")
    parser.add_argument("--cpu", action="append", choices=[*EXPECTED, "here"], help="only this one; can be repeated")
    parser.add_argument("--backend", type=Path, help="a package for graphics processors, to be used on this machine")
    given = parser.parse_args()
    names = ["here"] if given.backend else given.cpu or [*EXPECTED, "here"]
    emulator = shutil.which("qemu-x86_64") or shutil.which("qemu-x86_64-static") or ""
    if not emulator and names != ["here"]:
        sys.exit("qemu-x86_64 is not installed (Debian: qemu-user).")
    load: dict[str, Any] = {"context": 256, "threads": 1, "memory": 0, "warm": ""}
    if given.backend:
        load |= {"gpu_layers": 999, "backends": [str(given.backend.resolve().parent)]}
    good = True
    with worker(given.program, given.libraries) as (command, model, environment):
        for name in names:
            played = [] if name == "here" else [emulator, "-cpu", name]
            began = time.monotonic()
            runtime, texts = generation([*played, *command], load | {"path": str(model)}, environment)
            variant = runtime.partition("(")[2].rstrip(")")
            right = len(texts) == 2 and len(set(texts)) == 1 and EXPECTED.get(name, variant) == variant
            right &= ("layers on" in variant) == bool(given.backend)
            good &= right
            said = f"{texts[0]!r}" if texts else runtime
            mark = "ok  " if right else "BAD "
            print(f"{mark} {name:<12} {variant or 'none':<12} {time.monotonic() - began:6.1f} s  {said}", flush=True)
    return 0 if good else 1


@contextlib.contextmanager
def worker(program: Path | None, libraries: Path) -> Iterator[tuple[list[str], Path, dict[str, str]]]:
    """Command of the process that runs models, the model's file, and the environment it is to have."""
    if program is not None:
        own, inside = program.resolve() / "caseworth", program.resolve() / "_internal"
        # As its starter would set them and start itself again, which would leave the played processor.
        started = {"_PYI_ARCHIVE_FILE": own, "_PYI_APPLICATION_HOME_DIR": inside, "LD_LIBRARY_PATH": inside}
        environment = {name: str(path) for name, path in started.items()} | {"_PYI_PARENT_PROCESS_LEVEL": "-1"}
        yield [str(own), "--child", "local_models.worker"], inside / MODEL, environment
        return
    from importlib.util import find_spec

    found = find_spec("llama_cpp")
    assert found is not None
    assert found.origin is not None
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "llama_cpp"  # its Python side beside other libraries than those it came with
        package.mkdir()
        for file in Path(found.origin).parent.glob("*.py"):
            (package / file.name).symlink_to(file)
        (package / "lib").symlink_to(libraries.resolve())
        path = os.pathsep.join([folder, str(ROOT)])
        yield [sys.executable, "-m", "local_models.worker"], ROOT / MODEL, {"PYTHONPATH": path}


def generation(
    command: Sequence[str], load: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[str, list[str]]:
    """The runtime with its variant and what was worded, twice; why it failed and nothing where it did."""
    word = {"prompt": PROMPT, "shared": 0, "grammar": "root ::= [ a-z]+", "seed": 0, "max_tokens": TOKENS}
    lines = [{"load": load}, *({"id": number, "word": {**word, "temperature": 0.0}} for number in (1, 2))]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment | {"OMP_WAIT_POLICY": "PASSIVE"},
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError):  # what it said before it ended is heard below
            process.stdin.writelines(json.dumps(line) + "\n" for line in lines)
            process.stdin.flush()
        return answers(map(json.loads, process.stdout))
    finally:
        process.kill()
        process.wait()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()


def answers(said: Iterator[Mapping[str, Any]]) -> tuple[str, list[str]]:
    """The runtime and the two texts, from what the worker says."""
    runtime, texts = "its process ended", []
    for message in said:
        if "fault" in message or "error" in message:
            return str(message.get("fault") or message["error"]), []
        if "ready" in message:
            runtime = message["ready"]["runtime"]
        if "answer" in message:
            texts.append(message["answer"]["text"])
        if len(texts) == 2:
            break
    return runtime, texts


if __name__ == "__main__":
    sys.exit(main())
