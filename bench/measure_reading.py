"""How well documents are read: kinds and fields, against authored documents and the files at hand.

    python bench/measure_reading.py [--set measuring|tuning|FOLDER ...] [--kind KIND] [--limit N] [--data FOLDER]
                                    [--cache FOLDER] [--any-layouts] [--json FILE] [--markdown FILE]

The authored files are made on the first run; each file is read by the task of ``caseworth read``, in its child
process. Pages that recognition found are kept by SHA-256 and version of its code, so that a second run takes seconds.
What counts as exact is said in bench/reading/compare.py, how the documents were made in bench/reading/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.reading.at_hand import at_hand  # noqa: E402
from bench.reading.authored import VERSION, Made, made_in, make_set  # noqa: E402
from bench.reading.reader import KeepingReader, kept_cost  # noqa: E402
from bench.reading.report import Outcome, markdown, misses, summary  # noqa: E402

SETS = ("measuring", "tuning")


def gathered(given: argparse.Namespace) -> dict[str, list[Made]]:
    """Files by source."""
    found: dict[str, list[Made]] = {}
    for name in given.set:
        if name in SETS:
            folder = given.cache / f"documents-{VERSION}" / name
            found[f"authored, {name}"] = make_set(name, folder, given.rounds, given.kind)
        elif Path(name).is_dir():
            found[Path(name).name] = made_in(Path(name))
        else:
            raise SystemExit(f"--set {name}: neither {' nor '.join(SETS)} nor a folder with truths beside its files")
    documents = given.data / "documents"
    if given.only_authored:
        return _narrowed(found, given)
    if not documents.is_dir():
        print(f"no {documents}: the files at hand are left out (--data says where they are)", file=sys.stderr)
        return _narrowed(found, given)
    return _narrowed(found | at_hand(documents), given)


def _narrowed(found: dict[str, list[Made]], given: argparse.Namespace) -> dict[str, list[Made]]:
    out = {}
    for name, files in found.items():
        kept = [made for made in files if not given.kind or made.truth["kind"] in given.kind]
        if kept:
            out[name] = kept[:: max(1, -(-len(kept) // given.limit))] if given.limit else kept
    return out


def measured(files: list[Made], reader: KeepingReader, cache: Path, name: str) -> list[Outcome]:
    outcomes = []
    for at, made in enumerate(files, start=1):
        result = reader.read(made.path)
        outcomes.append(Outcome(made.truth, result, kept_cost(cache, made.path)))
        print(f"\r{name}: {at} of {len(files)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", default=[], help="measuring (usual), tuning, or a folder")
    parser.add_argument("--kind", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=1, help="documents of each maker")
    parser.add_argument("--limit", type=int, default=0, help="at most so many files of each source, evenly taken")
    parser.add_argument("--only-authored", action="store_true")
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("CASEWORTH_DATA", ROOT.parent / "shared" / "data"))
    )
    parser.add_argument("--cache", type=Path, default=ROOT / ".caseworth" / "reading")
    parser.add_argument("--any-layouts", action="store_true", help="take kept pages of older code too")
    parser.add_argument("--json", type=Path, help="write every outcome")
    parser.add_argument(
        "--misses", type=Path, help="write every mistake; not of the measuring set, which nobody looks at"
    )
    parser.add_argument("--brief", action="store_true", help="no table by field names")
    parser.add_argument("--markdown", type=Path, help="write the tables")
    given = parser.parse_args()
    given.set = given.set or ["measuring"]
    reader = KeepingReader(given.cache / "layouts", any_version=given.any_layouts)
    try:
        outcomes = {
            name: measured(files, reader, given.cache / "layouts", name) for name, files in gathered(given).items()
        }
    finally:
        reader.close()
    tables = markdown(outcomes, brief=given.brief)
    print(tables)
    if given.markdown:
        given.markdown.write_text(tables, encoding="utf-8")
    if given.misses:
        looked_at = [each for name, listed in outcomes.items() if name != "authored, measuring" for each in listed]
        given.misses.write_text(misses(looked_at), encoding="utf-8")
    if given.json:
        whole: dict[str, Any] = {name: [each.to_json() for each in listed] for name, listed in outcomes.items()}
        given.json.write_text(json.dumps({"summary": summary(outcomes), "files": whole}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
