"""How well a model words held-out plans: what share passes the checks, how varied it is, and how long it takes.

    python bench/measure_writing.py [--model GGUF] [--adapter GGUF] [--taught] [--plans N] [--show N] [--json]

The plans are made of names that no lesson holds (``local_models/wording/material.toml``, part ``held``). ``--taught``
asks with the notes of the lessons, otherwise as the free style does, with its examples. Wrong figures cannot come out:
the grammar admits none. A sentence on the wrong side is one whose words take the other side than its plan, or whose
comparison points the other way; those the checks find are refused, what is read here is what passed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.domain.checking import vocabulary_of  # noqa: E402
from local_models.catalogue import BUNDLED  # noqa: E402
from local_models.drafting import FreeStyle  # noqa: E402
from local_models.engine import Answer, Engine, Request  # noqa: E402
from local_models.grammar import free_grammar  # noqa: E402
from local_models.wording.lessons import accepted, plan_of, prompt_of  # noqa: E402
from local_models.wording.material import Lesson, Material  # noqa: E402

TURN = "<|im_start|>user\n"


def main() -> None:
    given = _options()
    material = Material()
    plans = list(material.lessons(given.plans, given.seed, "held"))
    engine = Engine(given.model, context=4096, threads=given.threads, adapter=given.adapter)
    requests = [_taught(plan) if given.taught else _free(plan) for plan in plans]
    answers: dict[int, Answer] = {}
    begun = time.perf_counter()
    engine.word_together(requests, lambda place, piece: None, answers.__setitem__)
    seconds = time.perf_counter() - begun
    words = vocabulary_of(material.words())
    faults = [accepted(answers[at].text, plan, words) for at, plan in enumerate(plans)]
    passed = [answers[at].text for at, why in enumerate(faults) if not why]
    kinds: dict[str, int] = {}
    for why in faults:
        for kind in {fault.split(":")[0] for fault in why}:
            kinds[kind] = kinds.get(kind, 0) + 1
    result = {
        "plans": len(plans),
        "accepted": round(len(passed) / len(plans), 3),
        "refused_for": dict(sorted(kinds.items(), key=lambda item: -item[1])),
        "variety": round(variety(passed), 3),
        "variety_of_the_lessons": round(variety([plan.sentence for plan in plans]), 3),
        "seconds": round(seconds, 1),
        "tokens_a_second": round(sum(answer.tokens for answer in answers.values()) / seconds, 1),
    }
    for at in range(min(given.show, len(plans))):
        print(f"{plans[at].notes}\n    {answers[at].text}  {'; '.join(faults[at])}", file=sys.stderr)
    print(json.dumps(result) if given.json else "\n".join(f"{name:24} {value}" for name, value in result.items()))


def variety(sentences: list[str]) -> float:
    """Different beginnings (three words) among the sentences, as a share of them: 1 when none begins like another."""
    heads = {" ".join(re.findall(r"[\w\[\]]+", sentence.lower())[:3]) for sentence in sentences}
    return len(heads) / len(sentences) if sentences else 0.0


def _taught(plan: Lesson) -> Request:
    return Request(prompt_of(plan.notes), len(TURN), _grammar(plan), 0, 90, 0.0)


def _free(plan: Lesson) -> Request:
    sentence = plan_of(plan)
    labels = {slot.name: thing.name for slot, thing in zip(sentence.slots, plan.slots, strict=True)}
    asked = FreeStyle().request(sentence, labels, "en")
    assert asked is not None
    return Request(asked.prompt, asked.shared, asked.grammar, 0, asked.max_tokens, 0.0)


def _grammar(plan: Lesson) -> str:
    return free_grammar([f"[{letter}]" for letter in "ABCD"[: len(plan.slots)]], "en")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=BUNDLED.file)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--taught", action="store_true")
    parser.add_argument("--plans", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
