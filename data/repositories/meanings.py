"""The meanings of passages, kept beside the facts of their case and compared where they lie."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from app.asking_ports import Near
from data.transaction import Tx

_TABLE = "passage_meanings"


class MeaningRepository:
    """``asking_ports.MeaningStore`` over ``passage_meanings``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def known(self, documents: Collection[str], model: str) -> set[tuple[str, str]]:
        """Document and digest of the passages whose meaning that model has told."""
        sql = (
            f"SELECT document, passage FROM {_TABLE} "  # noqa: S608 - fixed words
            "WHERE model = ? AND document IN (SELECT unnest(?::VARCHAR[]))"
        )
        return {(document, passage) for document, passage in self._tx.rows(sql, [model, list(documents)], reads=())}

    def keep(self, document: str, model: str, meanings: Mapping[str, Sequence[float]]) -> None:
        """Keep meanings by the digests of their passages; what another model told of the document goes."""
        self._tx.run(f"DELETE FROM {_TABLE} WHERE document = ? AND model <> ?", [document, model])  # noqa: S608
        self._tx.run(
            f"INSERT INTO {_TABLE} SELECT ?, ?, unnest(?::VARCHAR[]), unnest(?::FLOAT[][])",
            [document, model, list(meanings), [list(map(float, each)) for each in meanings.values()]],
        )

    def near(self, documents: Collection[str], model: str, meaning: Sequence[float], most: int) -> list[Near]:
        """The passages of the documents that are nearest in meaning, best first."""
        given = [list(map(float, meaning)), model, list(documents), most]
        return [Near(*row) for row in self._tx.rows(_near_sql(len(meaning)), given, reads=())]


def _near_sql(length: int) -> str:
    """SQL for the nearest passages by a meaning of that length: the meaning, model, documents, how many at most."""
    array = f"FLOAT[{int(length)}]"
    return (
        f"WITH held AS (SELECT document, passage, array_cosine_similarity(meaning::{array}, ?::{array}) AS likeness "  # noqa: S608
        f"FROM {_TABLE} WHERE model = ? AND document IN (SELECT unnest(?::VARCHAR[])) AND len(meaning) = {int(length)} "
        ") SELECT document, passage, likeness, "
        "coalesce((likeness - avg(likeness) OVER ()) / nullif(stddev_pop(likeness) OVER (), 0), 0) "
        "FROM held ORDER BY likeness DESC, document, passage LIMIT ?"
    )
