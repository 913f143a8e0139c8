"""How well amounts are told that were painted into a compressed page (``data/readers/compression.py``).

    python bench/measure_patches.py [--pages N] [--folder FOLDER]

Degraded pages of the tuning makers that were stored as JPEG are saved again, each as it is and once with one amount
painted over and another set in its place, at several qualities and losslessly. A page counts as told where the amount
that was put in bears the sign, as a false alarm where any other word does. Recognition is kept beside the pages.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.domain.layout import Layout, Page, Word  # noqa: E402
from bench.reading.authored import Made, make_set  # noqa: E402
from data.readers.compressed_pictures import Compressed, file_pictures  # noqa: E402
from data.readers.detect import form_of_file  # noqa: E402
from data.readers.held_file import HeldFile  # noqa: E402
from data.readers.layouts import layout_of  # noqa: E402
from data.readers.layouts.store import layout_from_json, layout_to_json  # noqa: E402
from data.readers.tampering import is_amount, signs_of  # noqa: E402

KINDS = ("payslip", "invoice", "bank_statement", "utility_bill", "loan_statement", "income_tax", "housing_fund")
SAVED = (70, 80, 90, 95, "png")
CODES = ("image.patched", "image.patched_perhaps")


def recognised(made: Made) -> Layout:
    """The page's words, kept beside it."""
    kept = made.path.with_suffix(".words")
    if not kept.exists():
        layout = layout_of(made.path, form_of_file(made.path), lambda *_: None)
        kept.write_text(json.dumps(layout_to_json(layout)), encoding="utf-8")
    return layout_from_json(json.loads(kept.read_text(encoding="utf-8")))


def saved(picture: Image.Image, how: int | str) -> HeldFile:
    out = io.BytesIO()
    if how == "png":
        picture.save(out, "PNG")
    else:
        picture.save(out, "JPEG", quality=how)
    return HeldFile.of(out.getvalue(), f"page.{'png' if how == 'png' else 'jpg'}")


def painted(picture: Image.Image, placed: Compressed, word: Word, rng: Random) -> Image.Image:
    """The amount under paper of its own colour, another one of as many signs in its place."""
    picture = picture.copy()
    pen = ImageDraw.Draw(picture)
    corners = placed.corners(word)
    low, high = corners.min(axis=0), corners.max(axis=0)
    around = np.asarray(picture.crop((*(int(x) - 4 for x in low), *(int(x) + 5 for x in high)))).reshape(-1, 3)
    paper = around[around.sum(axis=1) >= np.median(around.sum(axis=1))]
    ink = tuple(int(x) for x in np.percentile(around, 4, axis=0))
    pen.polygon([tuple(map(float, corner)) for corner in corners], fill=tuple(int(x) for x in np.median(paper, axis=0)))
    text = "".join(str(rng.randrange(1, 10)) if sign.isdigit() else sign for sign in word.text)
    size = max(8, round(float(np.linalg.norm(corners[3] - corners[0])) * 1.15))
    font = ImageFont.truetype(str(ROOT / "data" / "fonts" / "Inter-Regular.otf"), size)
    pen.text(tuple(map(float, corners.mean(axis=0))), text, ink, font, anchor="mm")
    return picture


def told(file: HeldFile, layout: Layout) -> dict[tuple[float, ...], str]:
    """Box of each word that bears the sign, and its grade."""
    found = signs_of(file, form_of_file(file), layout)
    return {mark.box: check.name for check in found if check.name in CODES for mark in check.evidence}


def measured(made: Made, rng: Random, tally: Counter[tuple[Any, ...]]) -> None:
    layout = recognised(made)
    page: Page = layout.pages[0]
    amounts = [word for word in page.words if is_amount(word.text) and word.confidence > 0.8 and len(word.text) > 4]
    placed = next(file_pictures(made.path, layout), None)
    if placed is None or not amounts:
        return
    picture = Image.open(made.path).convert("RGB")
    tally["once", "alarm"] += bool(told(HeldFile.of(made.path.read_bytes(), "page.jpg"), layout))
    tally["once", "pages"] += 1
    for how in SAVED:
        word = rng.choice(amounts)
        tally[how, "pages"] += 1
        tally[how, "alarm"] += bool(told(saved(picture, how), layout))
        found = told(saved(painted(picture, placed, word, rng), how), layout)
        grade = found.pop(word.box, None)
        tally[how, "told"] += grade is not None
        tally[how, "surely"] += grade == CODES[0]
        tally[how, "beside"] += bool(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--folder", type=Path, default=ROOT / ".caseworth" / "patches")
    given = parser.parse_args()
    rng = Random(3)
    made = [each for each in make_set("tuning", given.folder, 2, KINDS) if each.path.suffix == ".jpg"]
    rng.shuffle(made)
    tally: Counter[tuple[Any, ...]] = Counter()
    for each in made[: given.pages]:
        measured(each, rng, tally)
    print("| saved again | pages | told | of these surely | false alarms, untouched | false alarms beside a change |")
    print("|---|---|---|---|---|---|")
    print(f"| not | {tally['once', 'pages']} | – | – | {tally['once', 'alarm']} | – |")
    for how in SAVED:
        row = [tally[how, name] for name in ("pages", "told", "surely", "alarm", "beside")]
        print(f"| {how} | {' | '.join(map(str, row))} |")


if __name__ == "__main__":
    main()
