"""How well models word held-out plans, the way the desk has them word: shares, figures, sides, variety, seconds.

    python bench/measure_writing.py [--model GGUF]... [--bundled both|adapter|bare|none] [--adapter GGUF] [--plans N]
                                    [--language en] [--seed N] [--without-coverage]
                                    [--show wrong|open|refused|all] [--json]

Plans come of names that no lesson and no phrase holds (``bench/writing/held.py``), twenty a report. Each report is
drafted as at the desk: the style of the model, up to three candidates, the checks, else the rule sentence.
The bundled model is measured with its adapter, as it ships, and without it, wording freely; one given by ``--model`` in
its own chat template. A language that a model is not admitted to is not worded by it: its row says so.

    first, within three   sentences of the model taken, of those it was asked for
    asked                 sentences that the model's style words at all; the others keep the rule sentence
    wrong figures         sentences shown, by model or by rule, with a figure that their plan does not give
    wrong, open           accepted sentences that say another relation or side than the plan, and those that only a
                          person can tell, by a comparison that shares nothing with the checks (bench/writing/closed.py)
    variety               word pairs that are not repeated, against the authored sentences of the same plans; and
                          sentences whose first three words no other has
    adverse coverage      adverse findings of weight that stand in full reports: data/samples and bench/writing

The last needs no model. ``--show`` prints sentences to be read by a person.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.domain.qualification import variety  # noqa: E402 (the path is set above)
from app.domain.sentences import Author, Sentence  # noqa: E402
from app.usecases.draft_report import DraftReport, draft_report  # noqa: E402
from app.wording_ports import WordingModel  # noqa: E402
from bench.writing.closed import OPEN, WRONG, judged, wrong_figures  # noqa: E402
from bench.writing.coverage import Coverage, coverage_of_facts, coverage_of_samples  # noqa: E402
from bench.writing.held import HeldCase, HeldPlan, held_case, held_plans  # noqa: E402
from data.checking_words import load_lexicon  # noqa: E402
from local_models.catalogue import BUNDLED, ModelSpec  # noqa: E402
from local_models.client import LocalModel  # noqa: E402
from tests.doubles import FixedClock  # noqa: E402

LANGUAGES = ("en", "zh")
A_REPORT = 20  # sentences


@dataclass
class Measure:
    """What one model did with the plans of one language."""

    model: str
    language: str
    plans: int = 0
    asked: int = 0
    first: int = 0
    accepted: int = 0
    wrong_figures: int = 0
    wrong: int = 0
    open: int = 0
    variety: float = 0.0
    authored_variety: float = 0.0
    beginnings: float = 0.0
    seconds_a_report: float = 0.0
    tokens_a_second: float = 0.0
    memory_mb: int = 0
    refused_for: dict[str, int] = field(default_factory=dict)

    def share(self, part: int, whole: int) -> float | None:
        return round(part / whole, 4) if whole else None

    def to_json(self) -> dict[str, object]:
        return {
            **vars(self),
            "first_share": self.share(self.first, self.asked),
            "accepted_share": self.share(self.accepted, self.asked),
            "wrong_share": self.share(self.wrong, self.accepted),
        }


@dataclass(frozen=True, slots=True)
class Read:
    """One settled sentence and what is found in it."""

    sentence: Sentence
    plan: HeldPlan
    first: bool  # whether the first candidate was taken
    figures: tuple[str, ...]
    verdict: str
    why: str

    @property
    def by_model(self) -> bool:
        return self.sentence.author is Author.MODEL

    @property
    def asked(self) -> bool:
        return self.by_model or self.sentence.rejected is not None


def measure(name: str, model: WordingModel, language: str, plans: Sequence[HeldPlan]) -> tuple[Measure, list[Read]]:
    """Draft reports of the plans, ``A_REPORT`` sentences each, and read what came of them."""
    reads: list[Read] = []
    seconds, tokens, reports = 0.0, 0, 0
    for at in range(0, len(plans), A_REPORT):
        case = held_case(plans[at : at + A_REPORT])
        began = time.perf_counter()
        own, spent = _drafted(case, model)
        seconds, tokens, reports = seconds + time.perf_counter() - began, tokens + spent, reports + 1
        reads += own
    taken = [read for read in reads if read.by_model]
    told = Measure(
        model=name,
        language=language,
        plans=len(plans),
        asked=sum(read.asked for read in reads),
        first=sum(read.first for read in reads),
        accepted=len(taken),
        wrong_figures=sum(bool(read.figures) for read in reads),
        wrong=sum(read.verdict == WRONG for read in taken),
        open=sum(read.verdict == OPEN for read in taken),
        variety=round(variety([read.sentence.template for read in taken], language), 3),
        authored_variety=round(variety([_authored(read.plan) for read in taken], language), 3),
        beginnings=round(beginnings([read.sentence.template for read in taken], language), 3),
        seconds_a_report=round(seconds / max(1, reports), 1),
        tokens_a_second=round(tokens / seconds, 1) if seconds else 0.0,
        refused_for=_counted(read.sentence.fallback or "" for read in reads if not read.by_model),
    )
    return told, reads


def _drafted(case: HeldCase, model: WordingModel) -> tuple[list[Read], int]:
    heard: dict[str, Sentence] = {}  # as they were settled first
    report = draft_report(
        DraftReport(case.case_id),
        case.workspace,
        model,
        phrases=case.phrases,
        lexicon=load_lexicon(),
        clock=FixedClock(),
        on_sentence=lambda sentence: heard.setdefault(sentence.key, sentence) and None,
    )
    assert {sentence.key for sentence in report.sentences} == set(case.plans)
    reads = []
    for sentence in report.sentences:
        plan = case.plans[sentence.key]
        figures = wrong_figures(sentence.text, sentence.template, plan, case.values[sentence.key])
        first = heard[sentence.key].author is Author.MODEL
        reads.append(Read(sentence, plan, first, tuple(figures), *judged(sentence.template, plan)))
    return reads, report.tokens


def _authored(plan: HeldPlan) -> str:
    return re.sub(r"\[([A-D])\]", lambda mark: f"{{slot.{mark[1].lower()}}}", plan.said)


def beginnings(templates: Sequence[str], language: str) -> float:
    """Different beginnings (three words, in Chinese four signs) among the sentences, as a share of them."""
    words, length = (r"[\u4e00-\u9fff]|\{", 4) if language == "zh" else (r"[\w'-]+", 3)
    heads = {tuple(re.findall(words, template.lower())[:length]) for template in templates}
    return len(heads) / len(templates) if templates else 0.0


def _counted(reasons: Iterator[str]) -> dict[str, int]:
    """How often each kind of problem, or each reason that is none of the wording's, left the rule sentence."""
    counts: dict[str, int] = {}
    for reason in reasons:
        for kind in dict.fromkeys(re.findall(r"(?:^|; )([a-z_]+):", reason) or [reason.split(":")[0]]):
            counts[kind] = counts.get(kind, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _specs(given: argparse.Namespace) -> Iterator[tuple[str, ModelSpec]]:
    if given.bundled in ("both", "adapter"):
        yield "bundled, with its adapter", BUNDLED if given.adapter is None else _adapted(given.adapter)
    if given.bundled in ("both", "bare"):
        yield "bundled, without", replace(BUNDLED, adapter=None, adapter_sha256="", style="free")
    for path in given.model:
        digest = _digest(path)
        yield path.stem, ModelSpec(path.stem, path, digest, "", LANGUAGES, "free", context=4096, chat=True)


def _adapted(path: Path) -> ModelSpec:
    return replace(BUNDLED, adapter=path, adapter_sha256=_digest(path))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def table(rows: Sequence[Measure]) -> Iterator[str]:
    heads = (
        "model",
        "",
        "plans",
        "asked",
        "first",
        "three",
        "figures",
        "wrong",
        "open",
        "variety",
        "begin",
        "s",
        "t/s",
        "MB",
    )
    cells = [heads, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(heads))]
    for line in cells:
        yield "  ".join(
            cell.ljust(width) if at < 2 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )


def _cells(row: Measure) -> tuple[str, ...]:
    def percent(share: float | None) -> str:
        return "-" if share is None else f"{100 * share:.1f}%"

    told = row.to_json()
    return (
        row.model,
        row.language,
        str(row.plans),
        str(row.asked),
        percent(told["first_share"]),  # type: ignore[arg-type]  # built in to_json()
        percent(told["accepted_share"]),  # type: ignore[arg-type]
        str(row.wrong_figures),
        str(row.wrong),
        str(row.open),
        f"{row.variety:.2f}/{row.authored_variety:.2f}",
        f"{row.beginnings:.2f}",
        f"{row.seconds_a_report:.1f}",
        f"{row.tokens_a_second:.0f}",
        str(row.memory_mb),
    )


def _show(reads: Sequence[Read], what: str) -> Iterator[str]:
    for read in reads:
        sentence = read.sentence
        kind = "refused" if read.asked and not read.by_model else read.verdict if read.by_model else "rule"
        if what in ("all", kind) or read.figures:
            text, found = sentence.rejected or sentence.text, "; ".join((*read.figures, read.why))
            yield "\t".join((kind, read.plan.stance, read.plan.relation, text, sentence.fallback or found))


def main() -> None:
    given = _options()
    rows: list[Measure] = []
    for name, spec in _specs(given):
        with LocalModel(spec, threads=given.threads) as model:
            for language in given.language or LANGUAGES:
                told, reads = measure(name, model, language, held_plans(language, given.plans, given.seed))
                told.memory_mb = model.memory_used() >> 20
                rows.append(told)
                print(*_show(reads, given.show), sep="\n", end="\n" if given.show else "", file=sys.stderr, flush=True)
                print(*list(table([told]))[1:], sep="\n", file=sys.stderr, flush=True)
    covered: Mapping[str, Coverage] = {}
    if not given.without_coverage:
        covered = {"data/samples": coverage_of_samples(), "bench/writing": coverage_of_facts()}
    if given.json:
        print(
            json.dumps(
                {"models": [row.to_json() for row in rows], "coverage": {k: vars(v) for k, v in covered.items()}},
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    print(*table(rows), sep="\n")
    for row in rows:
        if row.refused_for:
            print(
                f"{row.model}, {row.language}, by rule for: "
                + ", ".join(f"{kind} {count}" for kind, count in row.refused_for.items())
            )
    for where, found in covered.items():
        print(found.line(where))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, action="append", default=[])
    parser.add_argument("--adapter", type=Path, help="for the bundled model, in place of the one that ships")
    parser.add_argument("--plans", type=int, default=120, help="a language")
    parser.add_argument("--language", action="append", choices=LANGUAGES)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--bundled", choices=("both", "adapter", "bare", "none"), default="both")
    parser.add_argument("--without-coverage", action="store_true")
    parser.add_argument("--show", choices=("wrong", "open", "refused", "all"), default="")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
