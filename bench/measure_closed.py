"""Whether closed questions to a model help the checks: what they find of the errors that rules miss, and what it costs.

    python bench/measure_closed.py MODEL.gguf [--set FOLDER] [--caught N] [--true N] [--threads N]

Asked are all wrong sentences of the set to which no rule objects, ``--true`` of the right ones and ``--caught`` of
those that the rules catch anyway. For each share of right sentences that would be flagged in addition the threshold is
told ("no" from which a sentence is flagged) with the share of missed errors it finds. A threshold that helps goes into
the model's entry in models.toml: ``closed = { en = 0.57 }``. The sentences are drawn by a seed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.domain.checks.casebook import CheckedCase  # noqa: E402 (the path is set above)
from app.domain.checks.engine import Engine as Checks  # noqa: E402
from app.domain.checks.told import told  # noqa: E402
from app.usecases.case_file import read_case  # noqa: E402
from data.checking_words import load_lexicon  # noqa: E402
from local_models.closed import ClosedQuestion  # noqa: E402
from local_models.engine import Engine  # noqa: E402

RIGHT = ("true", "neutral")
COSTS = (0.0, 0.02, 0.05, 0.1)


@dataclass(frozen=True)
class Said:
    """One sentence of the set, with what the rules found."""

    case: CheckedCase
    text: str
    right: bool
    flagged: bool
    facts: tuple[str, ...]


class Weigher:
    """The model in this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def weigh(self, prompt: str, choices: Sequence[str], *, shared: int = 0) -> tuple[float, ...]:
        return self._engine.weigh(prompt, shared, choices)


def main() -> None:
    given = _options()
    everything = [said for said in _sentences(given.set) if said.facts]
    model = Weigher(Engine(given.model, context=2048, threads=given.threads))
    for language in ("en", "zh"):
        own = [said for said in everything if said.case.language == language]
        chosen = _chosen(own, given.caught, given.true, random.Random(given.seed))
        question = ClosedQuestion(model, language, 0.5)
        weights = {
            name: [question.weight(said.text, told(said.case, said.facts)) for said in group]
            for name, group in chosen.items()
        }
        print(json.dumps({"language": language, **_figures(weights)}), flush=True)


def _sentences(folder: Path) -> Iterator[Said]:
    lexicon = load_lexicon()
    for path in sorted(folder.glob("*/case.json")):
        case = read_case(path.read_text(encoding="utf-8"), path.parent.name)
        checks = Checks(case, lexicon)
        for line in (path.parent / "sentences.tsv").read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                kind, text = line.split("\t", 1)
                found = checks.check(text)
                yield Said(case, text, kind in RIGHT, bool(found.problems), found.facts)


def _chosen(own: Sequence[Said], caught: int, true: int, draw: random.Random) -> dict[str, list[Said]]:
    groups = {
        "missed": [said for said in own if not said.right and not said.flagged],
        "caught": [said for said in own if not said.right and said.flagged],
        "right": [said for said in own if said.right and not said.flagged],
    }
    most = {"missed": len(own), "caught": caught, "right": true}
    return {name: draw.sample(group, min(most[name], len(group))) for name, group in groups.items()}


def _figures(weights: dict[str, list[float]]) -> dict[str, object]:
    right = sorted(weights["right"])
    rows = []
    for cost in COSTS:
        at = min(len(right) - 1, round((1 - cost) * len(right)) - (cost == 0.0))
        limit = right[at]
        rows.append(
            {
                "right_flagged": round(sum(weight > limit for weight in right) / len(right), 3),
                "threshold": round(limit, 3),
                "missed_found": _share(weights["missed"], limit),
                "caught_found": _share(weights["caught"], limit),
            }
        )
    return {
        "asked": {name: len(group) for name, group in weights.items()},
        "order": {name: _order(weights[name], right) for name in ("missed", "caught")},
        "thresholds": rows,
    }


def _share(weights: Sequence[float], limit: float) -> float | None:
    return round(sum(weight > limit for weight in weights) / len(weights), 3) if weights else None


def _order(wrong: Sequence[float], right: Sequence[float]) -> float | None:
    """How often a wrong sentence is doubted more than a right one: 0.5 is chance, 1 always."""
    pairs = [(one > other) + 0.5 * (one == other) for one in wrong for other in right]
    return round(sum(pairs) / len(pairs), 3) if pairs else None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--set", type=Path, default=ROOT / "bench" / "writing" / "tuning")
    parser.add_argument("--caught", type=int, default=20)
    parser.add_argument("--true", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
