"""Passages found by their words, by BM25 in SQL; held in memory only, never on a disk."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

_MAKE = (
    "CREATE TABLE passages (no INTEGER PRIMARY KEY, length INTEGER)",
    "CREATE TABLE terms (no INTEGER, term VARCHAR, times INTEGER)",
)
_SEARCH = """
WITH asked AS (SELECT unnest($terms::VARCHAR[]) AS term, unnest($weights::DOUBLE[]) AS weight),
whole AS (SELECT count(*) AS many, greatest(avg(length), 1) AS usual FROM passages),
known AS (SELECT term, count(*) AS holding FROM terms WHERE term IN (SELECT term FROM asked) GROUP BY term)
SELECT t.no, sum(asked.weight * ln(1 + (many - holding + 0.5) / (holding + 0.5))
    * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length / usual))) AS score
FROM terms t JOIN asked USING (term) JOIN known USING (term) JOIN passages p ON p.no = t.no CROSS JOIN whole
GROUP BY t.no ORDER BY score DESC, t.no LIMIT $most
"""


class PassageIndex:
    """``asking_ports.PassageIndex`` over a DuckDB of its own in memory; it may spill nothing and open no file."""

    def __init__(self) -> None:
        import duckdb

        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1,
            "memory_limit": "256MB",
            "temp_directory": "",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        self._database = duckdb.connect(":memory:", config=config)
        self._lock = threading.Lock()
        for statement in ("SET enable_external_access = false", *_MAKE):
            self._database.execute(statement)

    def fill(self, passages: Iterable[Sequence[str]]) -> None:
        """Take passages by their terms, numbered from 0, in place of those before."""
        held = [Counter(terms) for terms in passages]
        rows = [(no, term, times) for no, terms in enumerate(held) for term, times in terms.items()]
        with self._lock:
            self._database.execute("DELETE FROM passages")
            self._database.execute("DELETE FROM terms")
            self._database.execute(
                "INSERT INTO passages SELECT unnest($no::INTEGER[]), unnest($length::INTEGER[])",
                {"no": list(range(len(held))), "length": [each.total() for each in held]},
            )
            self._database.execute(
                "INSERT INTO terms SELECT unnest($no::INTEGER[]), unnest($term::VARCHAR[]), unnest($times::INTEGER[])",
                dict(zip(("no", "term", "times"), map(list, zip(*rows, strict=True)), strict=True))
                if rows
                else {"no": [], "term": [], "times": []},
            )

    def search(self, asked: Mapping[str, float], most: int) -> list[tuple[int, float]]:
        """Number and score of the passages that hold a term asked for, by its weight; best first."""
        if not asked:
            return []
        given = {"terms": list(asked), "weights": list(asked.values()), "most": most}
        with self._lock:
            return [(no, score) for no, score in self._database.execute(_SEARCH, given).fetchall()]

    def close(self) -> None:
        with self._lock:
            self._database.close()
