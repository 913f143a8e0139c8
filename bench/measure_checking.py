"""Measure the checks of sentences: recall of every kind of error, false alarms, verdicts, by language.

``python bench/measure_checking.py [--set FOLDER]... [--misses] [--json]``; bench/writing/README.md tells of sets.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.domain.checks.engine import Engine  # noqa: E402 - the repository has no package of its own to install here
from app.domain.checks.reading import language_of  # noqa: E402
from app.usecases.case_file import read_case  # noqa: E402
from data.checking_words import load_lexicon  # noqa: E402

SETS = ROOT / "bench" / "writing"
RIGHT = ("true", "neutral")
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True)
class Row:
    """One sentence of a set with what the checks made of it."""

    case: str
    kind: str
    text: str
    language: str
    verdict: str
    problems: tuple[str, ...]

    @property
    def wrong(self) -> bool:
        """Whether the verdict is not what the kind asks for."""
        flagged = self.verdict in ("unsupported", "contradicted")
        return flagged == (self.kind in RIGHT)


def rows_of(folder: Path) -> Iterator[Row]:
    """Check every sentence of a set."""
    for case_file in sorted(folder.rglob("case.json")):
        case = read_case(case_file.read_text(encoding="utf-8"), str(case_file), TODAY)
        engine = Engine(case, load_lexicon())
        for line in (case_file.parent / "sentences.tsv").read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            kind, _, text = line.partition("\t")
            if not text.strip():
                raise SystemExit(f"{case_file.parent}/sentences.tsv: no sentence in {line!r}")
            found = engine.check(text.strip())
            problems = tuple(f"{problem.kind}: {problem.span}" for problem in found.problems)
            yield Row(
                case_file.parent.name, kind.strip(), text, language_of(text, case.language), found.verdict, problems
            )


def summary(rows: list[Row]) -> dict[str, object]:
    """Shares of one set of rows."""
    errors = [row for row in rows if row.kind not in RIGHT]
    right = [row for row in rows if row.kind in RIGHT]
    kinds: dict[str, list[Row]] = defaultdict(list)
    for row in errors:
        kinds[row.kind].append(row)
    confusion: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        confusion["true or neutral" if row.kind in RIGHT else "error"][row.verdict] += 1
    return {
        "sentences": len(rows),
        "errors": len(errors),
        "recall": _share(sum(not row.wrong for row in errors), len(errors)),
        "false_alarms": _share(sum(row.wrong for row in right), len(right)),
        "kinds": {
            kind: {"sentences": len(of_kind), "recall": _share(sum(not row.wrong for row in of_kind), len(of_kind))}
            for kind, of_kind in sorted(kinds.items())
        },
        "verdicts": {name: dict(counted) for name, counted in confusion.items()},
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def show(name: str, told: dict[str, object]) -> None:
    print(f"{name}: {told['sentences']} sentences, {told['errors']} with an error")
    print(f"  recall {told['recall']}  false alarms {told['false_alarms']}")
    for kind, figures in told["kinds"].items():  # type: ignore[attr-defined]  # built in summary()
        print(f"  {kind:12} {figures['sentences']:4}  {figures['recall']:.3f}")
    for kind, counted in told["verdicts"].items():  # type: ignore[attr-defined]  # built in summary()
        print(f"  {kind:16} " + "  ".join(f"{verdict} {number}" for verdict, number in sorted(counted.items())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, action="append", default=[], dest="sets", help="a folder of cases")
    parser.add_argument("--misses", action="store_true", help="print every sentence that was judged wrong")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    folders = given.sets or [path for path in sorted(SETS.iterdir()) if path.is_dir()]
    told: dict[str, object] = {}
    for folder in folders:
        started = time.perf_counter()
        rows = list(rows_of(folder))
        seconds = time.perf_counter() - started
        if not rows:
            continue
        parts = {"all": rows} | {language: [r for r in rows if r.language == language] for language in ("en", "zh")}
        told[folder.name] = {part: summary(of_part) for part, of_part in parts.items() if of_part}
        if given.json:
            continue
        for part, of_part in parts.items():
            if of_part:
                show(f"{folder.name}, {part}", summary(of_part))
        print(f"  {1000 * seconds / len(rows):.2f} ms a sentence, the reading of the cases included")
        for row in rows if given.misses else ():
            if row.wrong:
                print(f"{row.case}\t{row.kind}\t{row.verdict}\t{row.text}\t{'; '.join(row.problems)}")
    if given.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
