"""The authored set: files of invented documents, each with what is to be read from it in a JSON beside it.

    python -m bench.reading.authored tuning|measuring FOLDER [--rounds N] [--kind KIND ...]

A round gives every maker two files: the page as text PDF (or a clean picture, where such documents have no text
layer), and the same page degraded; a maker of Word files gives one. The same set and round give the same bytes. What
is there already stays.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from bench.reading.makers import Maker, makers_of
from bench.reading.people import World
from bench.reading.records import Record, record
from bench.reading.typeset import Typeset, typeset
from bench.reading.values import Value, canonical_rows
from bench.reading.word_files import word_file

VERSION = 3  # of what is written: raised with every change of it
_SEED = 1  # of what is invented: raised to invent others
PROFILE_ORDER = ("scan", "photo", "turned", "low", "skewed", "creased", "dim", "copied")
_DOTS = 200 / 72  # of a clean picture, by point
_CARD_DOTS = 400 / 72


_NUMBERS = ("id_number", "tax_number", "ssn", "social_security_number")  # that name a person: often one number
_ALIKE = {  # what may as well be called by another field of the kind
    "diploma": (("issue_date", "graduation_date"), ("issuing_authority", "institution")),
    "award_certificate": (("issue_date", "award_date"), ("issuing_authority", "institution")),
    "marriage_certificate": (("issue_date", "registration_date"),),
    "business_licence": (("issue_date", "registration_date"),),
    "property_deed": (("issue_date", "registration_date"),),
    "invoice": (("address", "firm_address"), ("issue_date", "date"), ("date", "issue_date")),
}


@dataclass(frozen=True, slots=True)
class Made:
    """One file and what is to be read from it."""

    path: Path
    truth: dict[str, Any]


def made_in(folder: Path) -> list[Made]:
    """Files of a folder that have their truth beside them, by name."""
    found = []
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(truth, dict) and "file" in truth:
            found.append(Made(folder / truth["file"], truth))
    return found


def make_set(set_name: str, folder: Path, rounds: int = 1, kinds: Sequence[str] = ()) -> list[Made]:
    """The files of ``rounds`` rounds; those that are there already are not made again."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Made] = []
    for round_ in range(rounds):
        at = 3 * round_
        for maker in makers_of(set_name):
            variants = ["clean"]
            if maker.form != "docx":
                variants.append(PROFILE_ORDER[at % len(PROFILE_ORDER)])
                at += 1
            if not kinds or maker.kind in kinds:
                made += _made(maker, round_, variants, folder)
    return made


def _made(maker: Maker, round_: int, variants: Sequence[str], folder: Path) -> Iterator[Made]:
    seed = f"{_SEED}/{maker.set_name}/{maker.kind}/{maker.name}/{round_}"
    document: Typeset | None = None
    for variant in variants:
        name = hashlib.sha256(f"{seed}/{variant}".encode()).hexdigest()[:12]
        beside = folder / f"{name}.json"
        if not beside.exists():
            values = record(maker.kind, World(maker.set_name, maker.locale, seed))
            document = document or (word_file if maker.form == "docx" else typeset)(maker, values)
            content, ending = _content(maker, document, variant, Random(f"{seed}/{variant}"))
            path = folder / f"{name}.{ending}"
            path.write_bytes(content)
            truth = _truth(maker, document, values, variant, path)
            beside.write_text(json.dumps(truth, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        truth = json.loads(beside.read_text(encoding="utf-8"))
        yield Made(folder / truth["file"], truth)


def _content(maker: Maker, document: Typeset, variant: str, rng: Random) -> tuple[bytes, str]:
    if variant == "clean" and maker.form in {"pdf", "docx"}:
        return document.pdf, maker.form
    small = maker.settings.get("size", "a4") in {"card", "receipt", "booklet"}
    pictures = pictures_of(document.pdf, _CARD_DOTS if small else _DOTS)
    if variant == "clean":
        return _stored(pictures, 90, "png"), "png"
    from bench.reading.degrade import degraded

    results = [degraded(picture, variant, rng) for picture in pictures]
    ending = "pdf" if len(results) > 1 else rng.choice(("jpg", "jpg", "jpg", "png", "tiff", "pdf"))
    return _stored([picture for picture, _ in results], results[0][1], ending), ending


def pictures_of(pdf: bytes, scale: float) -> list[Any]:
    """Pages of a PDF in blue-green-red."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    pictures = [page.render(scale=scale).to_numpy()[..., :3].copy() for page in document]
    document.close()
    return pictures


def _stored(pictures: Sequence[Any], quality: int, ending: str) -> bytes:
    from PIL import Image

    images = [Image.fromarray(picture[..., ::-1]) for picture in pictures]
    jpegs = []
    for image in images:
        jpeg = BytesIO()
        image.save(jpeg, "JPEG", quality=quality)
        jpegs.append(Image.open(jpeg))
    if ending == "pdf":
        return _scanned_pdf(jpegs)
    out = BytesIO()
    if ending == "jpg":
        images[0].save(out, "JPEG", quality=quality)
    else:
        jpegs[0].convert("RGB").save(out, {"png": "PNG", "tiff": "TIFF"}[ending])
    return out.getvalue()


def _scanned_pdf(jpegs: Sequence[Any]) -> bytes:
    """A PDF of pictures alone, as a scanner writes it."""
    from time import gmtime

    out = BytesIO()
    at = gmtime(0)
    jpegs[0].save(out, "PDF", resolution=200, save_all=True, append_images=list(jpegs[1:]), creationDate=at, modDate=at)
    return out.getvalue()


def _truth(maker: Maker, document: Typeset, values: Record, variant: str, path: Path) -> dict[str, Any]:
    with_text = variant == "clean" and path.suffix in {".pdf", ".docx"}
    return {
        "file": path.name,
        "kind": maker.kind,
        "maker": maker.name,
        "set": maker.set_name,
        "locale": maker.locale,
        "variant": variant,
        "text_layer": with_text,
        "fields": [
            _expected(name, value, raws, document, boxes=bool(document.places) and with_text)
            for name, (value, raws) in document.fields.items()
        ],
        "also": _also(maker, document, values),
        "transactions": _transactions(maker, document),
    }


def _expected(name: str, value: Value, raws: list[str], document: Typeset, *, boxes: bool) -> dict[str, Any]:
    places = [{"page": each.page, "box": list(each.box)} for each in document.places[name]] if boxes else []
    out = {"name": name, "type": value.type, "value": value.canonical, "raw": [_one_line(raw) for raw in raws]}
    return out | {"alternatives": list(value.alternatives), "currency": value.currency, "places": places}


def _one_line(raw: str) -> str:
    return raw.replace("\n", " ")


def _also(maker: Maker, document: Typeset, values: Record) -> dict[str, list[str]]:
    """Values that belong to the document's person and case without being asked for: no fault to read them."""
    out = {
        name: [value.canonical, *value.alternatives]
        for name, value in values.values.items()
        if name not in document.fields
    }
    for one, other in _ALIKE.get(maker.kind, ()):
        if other in values.values and one not in document.fields:
            out.setdefault(one, []).append(values.values[other].canonical)
    for name in _NUMBERS:
        if name not in document.fields and "id_number" in values.values:
            out.setdefault(name, []).append(values.values["id_number"].canonical)
    for known in maker.settings.get("known", "").split("; "):
        name, _, text = known.partition("=")
        out.setdefault(name, []).append(text)
    return {name: listed for name, listed in out.items() if name and any(listed)}


def _transactions(maker: Maker, document: Typeset) -> list[dict[str, str]] | None:
    if maker.kind != "bank_statement":
        return None
    rows = canonical_rows(document.rows.get("entries", []))
    return [{name: row[name] for name in ("on", "amount", "balance", "text")} for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=("tuning", "measuring"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--kind", action="append", default=[])
    given = parser.parse_args()
    made = make_set(given.set, given.folder, given.rounds, given.kind)
    kinds = {each.truth["kind"] for each in made}
    print(f"{len(made)} files of {len(kinds)} kinds in {given.folder}")


if __name__ == "__main__":
    main()
