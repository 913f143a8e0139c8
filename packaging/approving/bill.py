"""The bill of materials of a program's folder: CycloneDX 1.6 as JSON, the same bytes for the same folder and moment.

Python packages are told from their metadata in the folder (a folder without any is described from ``requirements.lock``
and what is installed here), with the digests that the lock file accepts. Libraries, models, fonts and data are files of
the folder, each with its own digest; a library stands below the package that brought it.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution, distribution, distributions
from pathlib import Path, PurePosixPath
from typing import Any

from third_party import ROOT, licence

from approving.listing import digest, files_of

Json = dict[str, Any]

# Names that classifiers and older metadata use, and the SPDX expression each stands for.
SPDX = {
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Apache Software License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache 2": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "ISC license": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD-3-Clause": "BSD-3-Clause",
    "BSD-2-Clause": "BSD-2-Clause",
}
_EXPRESSION = re.compile(
    r"[A-Za-z0-9.+-]+(\s+(AND|OR|WITH)\s+\(?[A-Za-z0-9.+-]+\)?)*|\([A-Za-z0-9.+ ()-]+\)[A-Za-z0-9.+ ()-]*"
)

# Shared libraries of the system that a program carries because Python rests on them; their licences.
SYSTEM = {
    "libssl": ("OpenSSL", "Apache-2.0"),
    "libcrypto": ("OpenSSL", "Apache-2.0"),
    "libffi": ("libffi", "MIT"),
    "libsqlite3": ("SQLite", "blessing"),
    "libbz2": ("bzip2", "bzip2-1.0.6"),
    "liblzma": ("XZ Utils", "0BSD"),
    "libz": ("zlib", "Zlib"),
    "libmpdec": ("mpdecimal", "BSD-2-Clause"),
    "libexpat": ("Expat", "MIT"),
    "libgomp": ("GNU OpenMP", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "libpython3": ("CPython", "PSF-2.0"),
}
_SPOKEN = {  # versions that libraries state of themselves
    "OpenSSL": re.compile(rb"OpenSSL (\d+\.\d+\.\d+[a-z]?) +\d+ [A-Z][a-z]{2} 20\d\d"),
    "Expat": re.compile(rb"expat_(\d+\.\d+\.\d+)"),
    "zlib": re.compile(rb"deflate (\d+\.\d+(?:\.\d+)*) Copyright"),
    "XZ Utils": re.compile(rb"\0(5\.\d+\.\d+)\0"),
    "SQLite": re.compile(rb"\0(3\.\d+\.\d+)\0"),
}
_LLAMA = re.compile(r"lib(ggml|llama|mtmd)[\w-]*\.|^(ggml|llama)[\w-]*\.dll$")
_LIBRARY = re.compile(r"\.(so(\.[0-9a-z.]+)?|dll|pyd|dylib|duckdb_extension)$")
_IN_NAME = re.compile(r"\.so\.(\d[0-9a-z.]*)$")


@dataclass(frozen=True, slots=True)
class Part:
    """A file that ships and is no package: what it is, by the end of its path."""

    ends: str  # regular expression
    kind: str  # CycloneDX's type of component
    name: str
    version: str
    licence: str
    words: str


PARTS = (
    Part(
        r"local_models/weights/SmolLM2-135M-Instruct\.Q4_1\.gguf$",
        "machine-learning-model",
        "SmolLM2-135M-Instruct",
        "Q4_1",
        "Apache-2.0",
        "Bundled language model (Hugging Face), quantised to GGUF; it words sentences and decides nothing.",
    ),
    Part(
        r"local_models/wording/smollm2-135m-wording-en\.gguf$",
        "machine-learning-model",
        "smollm2-135m-wording-en",
        "1",
        "Apache-2.0",
        "Adapter (LoRA) of the project for the bundled model, trained on sentences written for it.",
    ),
    Part(
        r"rapidocr/models/[\w.-]+\.onnx$",
        "machine-learning-model",
        "",
        "",
        "Apache-2.0",
        "Model of PaddleOCR in the form of RapidOCR: finds, turns or reads lines of text in a picture.",
    ),
    Part(r"data/fonts/Inter-\w+\.otf$", "file", "", "", "OFL-1.1", "Font of the window (Inter)."),
    Part(r"data/fonts/SourceSerif4-\w+\.otf$", "file", "", "", "OFL-1.1", "Font of the report (Source Serif 4)."),
    Part(
        r"data/fonts/wqy-microhei\.ttc$",
        "file",
        "",
        "",
        "Apache-2.0 OR GPL-3.0-only WITH Font-exception-2.0",
        "Font for Chinese (WenQuanYi Micro Hei).",
    ),
    Part(
        r"data/(samples/credit_data|scorecards/credit-data)\.csv$",
        "data",
        "",
        "",
        "MIT",
        "4,454 loan applications of the R package modeldata.",
    ),
    Part(
        r"data/catalogue/reason_codes\.toml$",
        "data",
        "",
        "",
        "Apache-2.0",
        "Reasons for adverse action, after form C-1 of Regulation B (public domain).",
    ),
)
MODEL_CARDS = {
    "SmolLM2-135M-Instruct": (
        "text-generation",
        "llama",
        "Words sentences whose figures, facts and stance code has fixed; the grammar lets it write no digit.",
    ),
    "smollm2-135m-wording-en": (
        "text-generation",
        "LoRA of llama",
        "Words sentences from notes, in English; whatever fails the checks is replaced by the rule sentence.",
    ),
}


def bill(folder: Path, version: str, moment: datetime) -> Json:
    """The bill of the program in ``folder``; ``moment`` is that of its commit, in UTC."""
    packages = list(packages_of(folder))
    digests = lock_digests()
    owners = _owners(packages)
    components = {_key(each): _package(each, digests) for each in packages}
    loose: list[Json] = []
    for file in files_of(folder):
        place = file.relative_to(folder).as_posix()
        found = _described(file, place)
        if found is None:
            continue
        owner = owners(place) if found["type"] == "library" else None
        (components[owner].setdefault("components", []) if owner else loose).append(found)
    _under_python(loose)
    whole = [*(components[key] for key in sorted(components)), *sorted(loose, key=lambda each: each["bom-ref"])]
    main: Json = {
        "type": "application",
        "bom-ref": f"caseworth@{version}",
        "name": "Caseworth",
        "version": version,
        "description": "The credit underwriter's desk: from an applicant's files to a signed decision, offline.",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    body: Json = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "lifecycles": [{"phase": "post-build"}],
            "tools": {"components": [{"type": "application", "name": "packaging/approval.py", "version": version}]},
            "component": main,
        },
        "components": whole,
        "dependencies": _dependencies(main["bom-ref"], whole, packages),
    }
    body["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True)).urn
    return body


# -- packages


def packages_of(folder: Path) -> Iterator[Distribution]:
    """The Python packages whose metadata lie in the folder, by name; else those of the lock file installed here."""
    carried: list[Distribution] = [PathDistribution(path.parent) for path in folder.rglob("*.dist-info/METADATA")]
    if not carried:
        for pin in sorted(lock_digests()):
            try:
                carried.append(distribution(pin))
            except PackageNotFoundError:  # of another platform
                continue
    yield from sorted(carried, key=_key)


def lock_digests() -> dict[str, list[str]]:
    """Of each package of the lock files, the SHA-256 of every file that an installation accepts."""
    found: dict[str, set[str]] = {}
    for lock in ("requirements.lock", "requirements-installer.lock"):
        file = ROOT / lock
        name = ""
        for line in file.read_text("utf-8").splitlines() if file.exists() else ():
            if pin := re.match(r"([A-Za-z0-9][\w.-]*)==", line):
                name = canonical(pin[1])
                found.setdefault(name, set())
            found[name] |= set(re.findall(r"--hash=sha256:([0-9a-f]{64})", line)) if name else set()
    return {name: sorted(each) for name, each in found.items()}


def canonical(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _key(each: Distribution) -> str:
    return canonical(each.metadata["Name"])


def _package(each: Distribution, digests: dict[str, list[str]]) -> Json:
    name, purl = _key(each), f"pkg:pypi/{_key(each)}@{each.version}"
    found: Json = {
        "type": "framework" if name.startswith("pyside6") else "library",
        "bom-ref": purl,
        "name": each.metadata["Name"],
        "version": each.version,
        "purl": purl,
        "licenses": licences(licence(each)),
    }
    if summary := (each.metadata.get("Summary") or "").strip():
        found["description"] = summary
    if digests.get(name):
        found["externalReferences"] = [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{name}/{each.version}/",
                "comment": "The files that the lock file accepts; an installation took the one for its platform.",
                "hashes": [{"alg": "SHA-256", "content": one} for one in digests[name]],
            }
        ]
    return found


def licences(said: str) -> list[Json]:
    """A licence as CycloneDX wants it: an SPDX expression where it is one, else its name."""
    said = SPDX.get(said, said)
    if _EXPRESSION.fullmatch(said) and not re.search(r"\b(BSD|GPL|LGPL|Apache|Zope|see|License)\b(?!-)", said):
        return [{"expression": said}]
    return [{"license": {"name": said}}]


def _owners(packages: Iterable[Distribution]) -> Any:
    """Tells which package of the bill brought a file of the folder, by the files of what is installed here."""
    listed = {_key(each) for each in packages}
    by_path: dict[str, str] = {}
    by_name: dict[str, set[str]] = {}
    for each in distributions():
        key = _key(each)
        for file in each.files or () if key in listed else ():
            if _LIBRARY.search(file.name):
                by_path[PurePosixPath(file).as_posix()] = key
                by_name.setdefault(file.name, set()).add(key)

    def owner(place: str) -> str | None:
        parts = PurePosixPath(place).parts
        for start in range(len(parts)):
            if found := by_path.get("/".join(parts[start:])):
                return found
        if _LLAMA.match(parts[-1]) and "llama-cpp-python" in listed:
            return "llama-cpp-python"
        named = by_name.get(parts[-1], set())
        return next(iter(named)) if len(named) == 1 else None

    return owner


# -- files


def _described(file: Path, place: str) -> Json | None:
    for part in PARTS:
        if re.search(part.ends, place):
            return _part(file, place, part)
    return _library(file, place) if _LIBRARY.search(file.name) else None


def _file(kind: str, place: str, file: Path) -> Json:
    return {
        "type": kind,
        "bom-ref": f"file:{place}",
        "name": file.name,
        "hashes": [{"alg": "SHA-256", "content": digest(file)}],
        "properties": [{"name": "caseworth:place", "value": place}],
    }


def _part(file: Path, place: str, part: Part) -> Json:
    found = _file(part.kind, place, file) | {"description": part.words, "licenses": licences(part.licence)}
    if part.name:
        found |= {"name": part.name, "version": part.version}
    if part.kind == "data":
        found["data"] = [{"type": "dataset", "name": file.name, "description": part.words}]
    if part.name in MODEL_CARDS:
        task, family, use = MODEL_CARDS[part.name]
        found["modelCard"] = {
            "modelParameters": {"task": task, "architectureFamily": family, "modelArchitecture": part.name},
            "considerations": {
                "users": ["Credit underwriters, through the desk"],
                "useCases": [use],
                "technicalLimitations": ["MODEL-CARD.md of the approval pack tells what was measured."],
            },
        }
    return found


def _library(file: Path, place: str) -> Json:
    found = _file("library", place, file)
    stem = re.split(r"[-.\d]", file.name, maxsplit=1)[0] if not file.name.startswith("libpython3") else "libpython3"
    stem = "libsqlite3" if file.name.startswith("libsqlite3") else "libbz2" if file.name.startswith("libbz2") else stem
    if stem in SYSTEM:
        name, spdx = SYSTEM[stem]
        found |= {"description": name, "licenses": licences(spdx)}
        if said := _said(name, file):
            found["version"] = said
        elif stem == "libpython3":
            found["version"] = ".".join(map(str, sys.version_info[:3]))
    if "version" not in found and (numbered := _IN_NAME.search(file.name)):
        found["version"] = numbered[1]
    return found


def _said(name: str, file: Path) -> str | None:
    """The version that a library states of itself; libssl leaves that to libcrypto beside it."""
    if name not in _SPOKEN:
        return None
    twin = file.with_name(file.name.replace("libssl", "libcrypto"))
    found = (_SPOKEN[name].search(each.read_bytes()) for each in dict.fromkeys((file, twin)) if each.exists())
    return next((match[1].decode() for match in found if match), None)


def _under_python(loose: list[Json]) -> None:
    """Put the modules of Python's standard library below the interpreter, where it is there."""
    python = next((each for each in loose if each.get("description") == "CPython"), None)
    inside = [each for each in loose if re.search(r"(^|/)(lib-dynload|DLLs)/", each["properties"][0]["value"])]
    if python is not None and inside:
        python["components"] = inside
        loose[:] = [each for each in loose if each not in inside]


# -- what rests on what


def _dependencies(main: str, components: list[Json], packages: list[Distribution]) -> list[Json]:
    refs = {_key(each): f"pkg:pypi/{_key(each)}@{each.version}" for each in packages}
    graph = {refs[_key(each)]: sorted({refs[name] for name in _required(each) if name in refs}) for each in packages}
    needed = {ref for each in graph.values() for ref in each}
    first = sorted(each["bom-ref"] for each in components if each["bom-ref"] not in needed)
    return [{"ref": main, "dependsOn": first}, *({"ref": ref, "dependsOn": graph[ref]} for ref in sorted(graph))]


def _required(each: Distribution) -> Iterator[str]:
    """Names of the packages it asks for; those of its extras are left out."""
    for said in each.requires or ():
        if "extra ==" not in said and (name := re.match(r"[A-Za-z0-9][\w.-]*", said)):
            yield canonical(name[0])
