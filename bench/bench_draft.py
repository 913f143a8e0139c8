"""Drafting with the bundled model, against bare llama.cpp decoding of the same texts.

    python bench/bench_draft.py [--rounds 1] [--every 1]

Reports with a sentence for each finding code (or every n-th) are drafted through the whole path: plan, prompt, worker
process, grammar, streaming, checks, rendering. Beside each round the same sentences are decoded bare, token after
token, by the same engine with the same threads in this process, after the same prompts. Printed are the share of
sentences taken, tokens a second of both, the seconds a sentence takes, and the ratio: of decoding in the worker, and of
the whole path. It is above one, for words that the grammar forces are evaluated in batches, the last ones not at all.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the worker has it
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.domain.report import Report  # noqa: E402 (the path is set above)
from app.errors import Cancelled  # noqa: E402
from app.ports import Wording  # noqa: E402
from app.usecases.draft_report import DraftReport, draft_report  # noqa: E402
from data.checking_words import load_lexicon  # noqa: E402
from data.phrases import load_phrases  # noqa: E402
from local_models.catalogue import BUNDLED, verify_model  # noqa: E402
from local_models.client import LocalModel, usable_cores  # noqa: E402
from local_models.engine import Engine, Request  # noqa: E402
from tests.domain.report_cases import FINDINGS, every_fact, every_finding  # noqa: E402
from tests.doubles import FixedClock, MemoryWorkspace, as_workspace  # noqa: E402

ENDLESS = 'root ::= "a" ([a-z] | " ")*\n'


class Recorder(LocalModel):
    """The model, keeping each request and answer."""

    asked: list[tuple[Request, Wording]]

    def word(self, prompt: str, grammar: str, **options: object) -> Wording:
        answer = super().word(prompt, grammar, **options)  # type: ignore[arg-type]
        shared, limit = int(str(options["shared"])), int(str(options["max_tokens"]))
        self.asked.append((Request(prompt, shared, grammar, 0, limit, 0.0), answer))
        return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="take every n-th finding code only")
    given = parser.parse_args()
    verify_model(BUNDLED)
    threads = usable_cores()
    engine = Engine(BUNDLED.file, context=BUNDLED.context, threads=threads)
    ratios: list[tuple[float, float]] = []
    with Recorder(BUNDLED, threads=threads) as model:
        _draft(model, 20)  # loads the model and evaluates the shared prompt
        for _ in range(given.rounds):
            ratios.append(_round(model, engine, given.every))
        cancels = [_cancel_milliseconds(model) for _ in range(10)]
    engine.close()
    decode, whole = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"ratio to bare decoding: {decode:.2f} of tokens a second in the worker, {whole:.2f} for the whole path")
    print(f"cancel to return: median {statistics.median(cancels):.0f} ms, most {max(cancels):.0f} ms (wanted: 200)")
    return 0


def _draft(model: Recorder, every: int) -> tuple[list[Report], float]:
    """Draft cases that between them have every n-th finding code, eight a case at most; seconds of all that."""
    model.asked = []
    reports, start = [], time.perf_counter()
    wanted = range(0, len(FINDINGS), every)
    cases = -(-len(wanted) // 8)
    for part in range(cases):
        workspace = MemoryWorkspace()
        with workspace.transaction() as stores:
            case = stores.cases.add(
                reference="bench",
                applicant="",
                product="instalment-loan",
                amount=None,
                currency="EUR",
                term_months=36,
                received_on=None,
            )
            facts = every_fact(case.id)
            stores.facts.add(facts)
            stores.findings.replace(case.id, every_finding(facts)[::every][part::cases])
        command = DraftReport(case.id)
        phrases = load_phrases()
        reports.append(
            draft_report(
                command, as_workspace(workspace), model, phrases=phrases, lexicon=load_lexicon(), clock=FixedClock()
            )
        )
    return reports, time.perf_counter() - start


def _cancel_milliseconds(model: LocalModel) -> float:
    """From a cancel in the middle of an endless sentence until the call has returned."""
    begun = threading.Event()
    ended: list[float] = []

    def work() -> None:
        with suppress(Cancelled):
            model.word("Say:", ENDLESS, seed=0, max_tokens=1500, temperature=0.0, on_token=lambda _: begun.set())
        ended.append(time.perf_counter())

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(60)
    asked = time.perf_counter()
    model.cancel()
    thread.join()
    return (ended[0] - asked) * 1000


def _round(model: Recorder, engine: Engine, every: int) -> tuple[float, float]:
    reports, seconds = _draft(model, every)
    asked = list(model.asked)
    start = time.perf_counter()
    bare = [engine.replay(request, answer.text) for request, answer in asked]
    bare_whole = time.perf_counter() - start
    tokens, bare_tokens = sum(answer.tokens for _, answer in asked), sum(count for count, _ in bare)
    bare_rate = bare_tokens / sum(taken for _, taken in bare)
    worker_rate = tokens / sum(answer.seconds for _, answer in asked)
    authors = Counter(s.author.value for report in reports for s in report.sentences)
    print(
        f"{authors['model']} of {authors.total()} sentences the model's; "
        f"drafting {tokens} tokens in {seconds:.2f} s = {tokens / seconds:.0f}/s (worker {worker_rate:.0f}/s), "
        f"{20 * seconds / authors.total():.1f} s for 20 sentences; "
        f"bare decoding {bare_rate:.0f}/s, with its prompts {bare_tokens / bare_whole:.0f}/s"
    )
    return worker_rate / bare_rate, (tokens / seconds) / bare_rate


if __name__ == "__main__":
    sys.exit(main())
