"""The approval pack of a program's folder: what those who must approve Caseworth ask for, generated.

``python packaging/approval.py PROGRAM --out FOLDER [--zip FILE] [--key KEY.pem]`` describes the folder that
``make installer`` made (or any installed one). ``--verify PACK PROGRAM [--trusted KEY.pem]`` holds a program against
its pack. The same folder from the same commit gives the same bytes. Run it in the environment: ``make approval``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution
from pathlib import Path
from string import Template
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT)]

from approving import listing  # noqa: E402
from approving.bill import bill, packages_of  # noqa: E402
from approving.binaries import Hardening, hardening  # noqa: E402
from third_party import notices  # noqa: E402

PAGES = HERE / "approving" / "pages"
BILL, NOTICES, HARDENED = "bill-of-materials.cdx.json", "THIRD-PARTY-NOTICES.txt", "HARDENING.md"
FILES, LINKS = "PROGRAM.sha256", "PROGRAM.links"
SUMS, SIGNATURE, KEY = "PACK.sha256", "PACK.sha256.sig", "signer.pem"
_LICENCE_TEXT = re.compile(r"(licen[cs]e|copying|notice|authors)[^/]*$|/licenses/", re.IGNORECASE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path, help="folder of the program")
    parser.add_argument("--out", type=Path, help="folder of the pack; what was in it before goes")
    parser.add_argument("--zip", type=Path, metavar="FILE", help="write the pack into this archive, too")
    parser.add_argument("--key", type=Path, help="Ed25519 private key (PEM) to sign with; never stored")
    parser.add_argument("--verify", type=Path, metavar="PACK", help="hold the program against this pack")
    parser.add_argument("--trusted", type=Path, help="the public key (PEM) that must have signed")
    given = parser.parse_args()
    if not given.program.is_dir() or not any(given.program.iterdir()):
        raise SystemExit(f"There is no program in {given.program}: run `make installer`, or name an installed one.")
    if given.verify:
        return verify(given.verify, given.program, given.trusted)
    if not given.out:
        parser.error("--out names the folder of the pack")
    write_pack(given.program, given.out, given.key)
    if given.zip:
        write_zip(given.out, given.zip, commit_time())
    print(f"{given.out}: {sum(1 for _ in given.out.iterdir())} files" + ("" if given.key else ", not signed"))
    return 0


def write_pack(program: Path, out: Path, key: Path | None = None) -> None:
    """Write every part of the pack into ``out``, which is emptied before."""
    from app import __version__

    moment = commit_time()
    _emptied(out)
    made = bill(program, __version__, moment)
    hardened = list(hardenings(program))
    _write(out / BILL, json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    _write(out / NOTICES, third_party_notices(program))
    _write(out / HARDENED, hardening_page(hardened))
    _write(out / FILES, listing.sums(program))
    _write(out / LINKS, listing.links(program))
    words = facts(program, made, __version__, moment, signed=key is not None)
    for page in sorted(PAGES.glob("*.md")):
        _write(out / page.name, Template(page.read_text("utf-8")).substitute(words))
    _write(out / "MODEL-CARD.md", (out / "MODEL-CARD.md").read_text("utf-8") + adapter_story())
    _write(out / SUMS, "".join(line for line in listing.sums(out).splitlines(keepends=True)))
    if key:
        signature, public = listing.sign((out / SUMS).read_bytes(), key.read_bytes())
        (out / SIGNATURE).write_bytes(signature)
        (out / KEY).write_bytes(public)


def verify(pack: Path, program: Path, trusted: Path | None) -> int:
    """Check the signature, the pack's files and the program's; 0 when all hold."""
    problems = []
    signature, key = pack / SIGNATURE, trusted or pack / KEY
    if not signature.exists():
        problems.append("The pack is not signed.")
    elif not listing.is_signed((pack / SUMS).read_bytes(), signature.read_bytes(), key.read_bytes()):
        problems.append(f"The signature is not one of {key} over {SUMS}.")
    else:
        print(f"signed by {listing.fingerprint(key.read_bytes())}" + ("" if trusted else ", the key in the pack"))
    of_pack = listing.compare(pack, (pack / SUMS).read_text("utf-8"), apart=frozenset((SUMS, SIGNATURE, KEY)))
    of_program = listing.compare(
        program,
        (pack / FILES).read_text("utf-8"),
        (pack / LINKS).read_text("utf-8"),
        apart=frozenset(listing.OF_INSTALLATION),
    )
    for whose, found in (("pack", of_pack), ("program", of_program)):
        for how in ("missing", "changed", "added"):
            problems += [f"{whose}: {how}: {name}" for name in getattr(found, how)]
    for problem in problems:
        print(problem, file=sys.stderr)
    print("NOT as it was approved" if problems else "The program is the one that the pack describes.")
    return 1 if problems else 0


# -- the parts


def third_party_notices(program: Path) -> str:
    """The table of what ships, then every licence text that lies with the program."""
    texts = [notices()]
    for each in packages_of(program):
        for name, text in _texts_of(each):
            texts.append(
                f"{'=' * 100}\n{each.metadata['Name']} {each.version}: {name}\n{'=' * 100}\n\n{text.strip()}\n"
            )
    for file in sorted((ROOT / "data" / "fonts").glob("*")):
        if _LICENCE_TEXT.search(file.name) or file.name == "Apache-2.0.txt":
            texts.append(f"{'=' * 100}\n{file.name}\n{'=' * 100}\n\n{file.read_text('utf-8').strip()}\n")
    return "\n".join(texts)


def _texts_of(each: Distribution) -> Iterator[tuple[str, str]]:
    """Licence texts in a package's metadata; of a folder's package the files are looked up beside its metadata."""
    folder = getattr(each, "_path", None)
    files = sorted(Path(str(folder)).rglob("*")) if folder else []
    for file in files:
        if file.is_file() and _LICENCE_TEXT.search(file.as_posix().rsplit(".dist-info", 1)[-1]):
            yield file.name, file.read_text("utf-8", errors="replace")


def hardenings(program: Path) -> Iterator[tuple[str, Hardening]]:
    for file in listing.files_of(program):
        found = hardening(file)
        if found is not None:
            yield file.relative_to(program).as_posix(), found


def hardening_page(found: list[tuple[str, Hardening]]) -> str:
    """A table of all programs and libraries, and in one line a flag how many have it."""
    total = len(found)
    counted = {
        "position independent (ASLR)": sum(each.position_independent for _, each in found),
        "stack or data not executable (NX)": sum(each.no_execute for _, each in found),
        "relocations read-only, bound at start (full RELRO)": sum(each.relro == "full" for _, each in found),
        "relocations read-only in part (partial RELRO)": sum(each.relro == "partial" for _, each in found),
        "stack canaries called": sum(bool(each.canary) for _, each in found),
        "checked forms of C functions called (FORTIFY)": sum(bool(each.fortified) for _, each in found),
    }
    lines = [
        "# Hardening of the programs and libraries",
        "",
        "Read from the files themselves by `packaging/approving/binaries.py`. Most libraries come built from their",
        "makers, in wheels; the flags are theirs. A dash: this kind of file has no such flag. No canary in a library",
        "may also mean that none of its functions keeps an array on the stack.",
        "",
        "| flag | files |",
        "|---|---|",
        *(f"| {name} | {count} of {total} |" for name, count in counted.items()),
        "",
        "| file | kind | ASLR | NX | RELRO | canary | FORTIFY | looks for libraries in |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for place, each in found:
        flags = (each.position_independent, each.no_execute, each.relro, each.canary, each.fortified)
        lines.append(
            f"| {place} | {' '.join((each.form, *each.more))} | {' | '.join(map(_flag, flags))} | {each.search_path} |"
        )
    return "\n".join(lines) + "\n"


def _flag(value: bool | str | None) -> str:
    return "–" if value is None else value if isinstance(value, str) else "yes" if value else "no"


def facts(program: Path, made: dict[str, Any], version: str, moment: datetime, *, signed: bool) -> dict[str, str]:
    """What the pages say of this build."""
    from local_models.catalogue import BUNDLED

    files = listing.files_of(program)
    kinds = Counter(each["type"] for each in made["components"])
    size = sum(file.stat().st_size for file in files)
    return {
        "version": version,
        "commit": _git("rev-parse", "HEAD") or "unknown",
        "date": f"{moment:%Y-%m-%d}",
        "files": f"{len(files):,}",
        "megabytes": f"{size / 1e6:,.0f}",
        "packages": str(sum(each["bom-ref"].startswith("pkg:pypi/") for each in made["components"])),
        "models": str(kinds["machine-learning-model"]),
        "model": BUNDLED.name,
        "model_file": BUNDLED.file.name,
        "model_sha256": BUNDLED.sha256,
        "model_licence": BUNDLED.licence,
        "adapter_file": BUNDLED.adapter.name if BUNDLED.adapter else "none",
        "adapter_sha256": BUNDLED.adapter_sha256 or "none",
        "signed": "It is signed." if signed else "**This pack was not signed**: whoever built it named no key.",
    }


def adapter_story() -> str:
    """How the adapter was made and measured, as it stands beside it."""
    told = (ROOT / "local_models" / "wording" / "README.md").read_text("utf-8")
    return "\n## How the adapter was made and measured\n\n" + told.split("\n", 2)[2].strip() + "\n"


# -- files


def commit_time() -> datetime:
    """When the commit was made, in UTC; $SOURCE_DATE_EPOCH where it is set."""
    import os

    said = os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct")
    if not said:
        raise SystemExit("Name the moment of the build in SOURCE_DATE_EPOCH: there is no repository here.")
    return datetime.fromtimestamp(int(said), UTC)


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")


def _emptied(out: Path) -> None:
    """Take away what an earlier run wrote; a folder with other things in it is left alone."""
    known = {BILL, NOTICES, HARDENED, FILES, LINKS, SUMS, SIGNATURE, KEY, *(page.name for page in PAGES.glob("*.md"))}
    out.mkdir(parents=True, exist_ok=True)
    others = sorted(file.name for file in out.iterdir() if file.name not in known)
    if others:
        raise SystemExit(f"{out} holds other things ({others[0]}): name a new folder with --out.")
    for file in out.iterdir():
        file.unlink()


def write_zip(folder: Path, archive: Path, moment: datetime) -> None:
    """The pack as one archive whose bytes follow from its content and moment."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in listing.files_of(folder):
            info = zipfile.ZipInfo(file.name, moment.timetuple()[:6])
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            packed.writestr(info, file.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
