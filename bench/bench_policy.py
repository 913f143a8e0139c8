"""Policies: one case by the engine and by the tables read into Python, a check, an offer grid, a simulation.

    python bench/bench_policy.py [--rows N]

The simulation puts a changed version and the one that ships before the shipped sample's rows, repeated under running
numbers, in an encrypted workspace. Prints microseconds a judgement, milliseconds a check and a grid of 12 by 8 (wanted:
below 200), cases a second, and the longest time between two reports of progress.
"""

from __future__ import annotations

import argparse
import copy
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.adapters.cipher import AesGcmCipher  # noqa: E402
from app.adapters.policy_engine import ZenPolicyEngine  # noqa: E402
from app.domain.offers import offer_grid  # noqa: E402
from app.domain.policy import Policy  # noqa: E402
from app.domain.policy_audit import audit  # noqa: E402
from app.domain.policy_check import PolicyCheck  # noqa: E402
from app.domain.policy_judge import Judge  # noqa: E402
from app.domain.policy_program import ProgramEngine  # noqa: E402
from app.domain.policy_tables import PolicyReading  # noqa: E402
from app.ports import no_progress  # noqa: E402
from app.usecases.import_files import ImportFiles, import_files  # noqa: E402
from app.usecases.score_case import score_all  # noqa: E402
from app.usecases.simulate_policy import simulate_policy  # noqa: E402
from bench.bench_import import MAPPING, _Clock, write_table  # noqa: E402
from data.catalogue import load_catalogue  # noqa: E402
from data.policy_files import load_policy  # noqa: E402
from data.readers.client import Readers  # noqa: E402
from data.scorecard_files import load_scorecard  # noqa: E402

CASE: dict[str, Any] = {
    "score.grade": "B",
    "score.pd_pct": Decimal("4.20"),
    "request.amount": Decimal(12000),
    "request.term_months": 36,
    "income.net_monthly": Decimal(3450),
    "debt.instalments_monthly": Decimal(180),
    "expenses.monthly_living": Decimal(980),
    "history.adverse_records": False,
    "case.income_verified": True,
}


def each(call: Callable[[], object], times: int) -> float:
    """Seconds a call."""
    call()
    started = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - started) / times


def check_of(policy: Policy, evaluate: Any) -> PolicyCheck:
    return PolicyCheck(policy, PolicyReading(policy), evaluate, CASE, currency="EUR", language="en")


def single(policy: Policy, engine: ZenPolicyEngine) -> None:
    reading, judge, quick = PolicyReading(policy), Judge(policy, engine.evaluate), ProgramEngine(engine)
    amounts = [Decimal(2000 * number) for number in range(1, 13)]
    terms = (6, 12, 18, 24, 36, 48, 60, 84)

    def by_engine() -> object:
        check = PolicyCheck(policy, reading, engine.evaluate, CASE, currency="EUR", language="en")
        return check.at(check.requested())

    print(f"one case by the engine      {each(by_engine, 500) * 1e6:9.0f} us")
    print(f"one case in bulk            {each(lambda: judge.judge(CASE, 'EUR'), 2000) * 1e6:9.0f} us")
    catalogue = load_catalogue()
    print(f"check of the tables         {each(lambda: audit(policy.document, catalogue), 5) * 1e3:9.1f} ms")
    grid = each(lambda: offer_grid(check_of(policy, quick.evaluate), Decimal("0.04"), amounts, terms), 5)
    print(f"offer grid of 12 by 8       {grid * 1e3:9.1f} ms")


def changed(policy: Policy) -> Policy:
    """A tighter version."""
    document = copy.deepcopy(dict(policy.document))
    for node in document["nodes"]:
        if node["id"] == "limits":
            node["content"]["rules"][1]["limits-out-2"] = "38"
    return replace(policy, version="next", sha256="0" * 64, document=document)


def simulation(policy: Policy, engine: ZenPolicyEngine, rows: int) -> None:
    from data.workspace import open_workspace

    gaps, last = [0.0], [time.perf_counter()]

    def progress(done: int, total: int | None, what: str) -> None:
        now = time.perf_counter()
        gaps.append(now - last[0])
        last[0] = now

    with tempfile.TemporaryDirectory() as temporary:
        table = Path(temporary) / "table.csv"
        write_table(table, rows)
        folder = Path(temporary) / "workspace"
        folder.mkdir()
        with (
            open_workspace(folder, lambda path: bytes(range(32)), AesGcmCipher, clock=_Clock()) as workspace,
            Readers() as readers,
        ):
            import_files(ImportFiles((table,), MAPPING, "bench"), workspace, readers, clock=_Clock())
            score_all(
                workspace, load_scorecard("credit-data", workspace.catalogue), clock=_Clock(), progress=no_progress
            )
            last[0] = time.perf_counter()
            found = simulate_policy(changed(policy), policy, workspace, engine, progress=progress)
    moved = sum(len(ids) for ids in found.moved.values())
    print(f"simulation of {found.cases:,} cases: {found.seconds:.1f} s, {found.cases / found.seconds:,.0f} a second,")
    print(f"  {moved:,} change side, {found.verified} held against the engine, longest silence {max(gaps):.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    given = parser.parse_args()
    policy, engine = load_policy("instalment-loan"), ZenPolicyEngine()
    single(policy, engine)
    simulation(policy, engine, given.rows)


if __name__ == "__main__":
    main()
