"""Scores: of one case in full, of all cases in a few statements."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.derivation import by_name
from app.domain.facts import Catalogue, Fact, FactValue, Kind
from app.domain.ratios import INCOME_USED, RATIO_BY_NAME, derived_facts
from app.domain.score import Score, score_bins
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import check_catalogue, read_scorecard
from app.errors import InputError
from app.ports import Progress
from data.canonical import canonical_json
from data.catalogue import load_catalogue
from data.database import literal, quoted
from data.repositories.cases import case_id_of, case_no_of
from data.repositories.facts import FactRepository
from data.scoring_sql import bins_sql, of_facts, of_values, score_columns, score_sql
from data.transaction import Tx

ROWS_A_STATEMENT = 100_000
"""Table rows scored at once: little enough to be cancelled soon."""

BATCH = 1_000
"""Cases whose facts are read case by case between two reports of progress."""

_CLOSED_SQL = """
    SELECT case_no FROM cases WHERE status IN ('decided', 'signed') AND case_no NOT IN (
        SELECT case_no FROM decisions GROUP BY case_no HAVING arg_max(outcome, "no") = 'refer')"""
"""Cases decided for good, as ``usecases.assess_case.closed`` says."""


class ScoreRepository:
    """``ports.ScoreStore`` over ``scores`` and ``scorecards``."""

    def __init__(self, tx: Tx, catalogue: Catalogue | None = None) -> None:
        self._tx = tx
        self._catalogue = catalogue or load_catalogue()
        self._facts = FactRepository(tx, self._catalogue)
        self._cards: dict[str, Scorecard] = {}

    def put(self, case_id: str, score: Score) -> None:
        """Keep the score; it takes the place of the one before it."""
        case_no = case_no_of(case_id)
        head = (score.scorecard, score.version, score.sha256, score.points, score.pd, score.grade)
        self._tx.replace("scores", case_no, [(case_no, *head, canonical_json(score.to_json()), None)])

    def get(self, case_id: str) -> Score | None:
        """The case's score, told in full; None when it has none.

        A score made in bulk is told from its bins, and names the current facts that lie in them.
        """
        rows = self._tx.case_rows("scores", case_no_of(case_id))
        if not rows:
            return None
        sha256, body, bins = rows[-1][3], rows[-1][7], rows[-1][8]
        if body is not None:
            return Score.from_json(json.loads(body))
        card = self._scorecard(sha256)
        current = by_name(self._facts.current(case_id), self._catalogue)
        used = {
            row.name: current[row.name].id
            for row, position in zip(card.characteristics, bins, strict=True)
            if row.name in current and row.bin_of(current[row.name].value) == position
        }
        return score_bins(card, list(bins), used)

    def scored_by(self, case_id: str) -> str | None:
        """SHA-256 of the scorecard that made the case's score; None when it has no score."""
        rows = self._tx.case_rows("scores", case_no_of(case_id))
        return str(rows[-1][3]) if rows else None

    def keep_scorecard(self, sha256: str, document: Mapping[str, Any]) -> None:
        """Keep the document of a scorecard as long as a score was made with it, whatever becomes of its file."""
        if self.scorecard(sha256) is None:
            self._tx.insert("scorecards", [(sha256, canonical_json(document))])

    def scorecard(self, sha256: str) -> Mapping[str, Any] | None:
        """The document kept under that digest."""
        row = self._tx.row("SELECT body FROM scorecards WHERE sha256 = ?", [sha256], reads=("scorecards",))
        document: dict[str, Any] | None = None if row is None else json.loads(row[0])
        return document

    def inputs(self, case_id: str, names: Sequence[str]) -> Mapping[str, FactValue | None]:
        """Values of the facts by name: the current ones, else derived from them, else None."""
        known = self._known(case_id, names)
        return {name: known[name].value if name in known else None for name in names}

    def bins(self, scorecard: Scorecard, cases: Sequence[Mapping[str, FactValue | None]]) -> list[tuple[int, ...]]:
        """The bins that the values of each case fall in, in one statement of the scorecard's SQL.

        A name that is absent is missing; nothing is derived. Raises ``InputError`` for a value of the wrong type.
        """
        if not cases:
            return []
        rows = self._tx.rows(bins_sql(scorecard, of_values(scorecard, cases), keys=("case_no",)), reads=())
        return [row[1:] for row in sorted(rows)]

    def score_all(self, scorecard_json: Mapping[str, Any], progress: Progress) -> int:
        """Score every open case anew, in this transaction; returns how many. A case decided for good keeps its score.

        Cases that are nothing but a row of a table of applications are scored where they stand. Those with facts of
        their own (folders, corrections, computed facts) go by their current facts, through the same SQL.
        """
        card = read_scorecard(scorecard_json)
        check_catalogue(card, self._catalogue)
        count, last = self._tx.rows("SELECT count(*), coalesce(max(case_no), 0) FROM cases")[0]
        closed = {case_no for (case_no,) in self._tx.rows(_CLOSED_SQL)}
        own = [case for case in self._tx.rows(f"{self._own_facts_sql(card)} ORDER BY 1") if case[0] not in closed]
        total, done = count - len(closed), 0
        progress(0, total, "score")
        self._begin(card)
        left_out = sorted(closed.union(case_no for case_no, _ in own))
        for start in range(0, last, ROWS_A_STATEMENT):
            done += self._score_rows(card, start + 1, left_out)
            progress(done, total, "score")
        for start in range(0, len(own), BATCH):
            self._score_facts(card, own[start : start + BATCH])
            progress(done + min(start + BATCH, len(own)), total, "score")
        return done + len(own)

    def _begin(self, card: Scorecard) -> None:
        """Clear the scores of open cases, and keep the scorecards that any score is told from."""
        self._tx.execute(f"DELETE FROM scores WHERE case_no NOT IN ({_CLOSED_SQL})")  # noqa: S608
        self._tx.run(
            "DELETE FROM scorecards WHERE sha256 = ? OR sha256 NOT IN (SELECT sha256 FROM scores "
            "UNION SELECT sha256 FROM scorecard_versions)",
            [card.sha256],
        )
        self._tx.run("INSERT INTO scorecards VALUES (?, ?)", [card.sha256, canonical_json(card.document)])

    def _score_rows(self, card: Scorecard, first: int, left_out: Sequence[int]) -> int:
        """Score the table rows of a range of case numbers but for the sorted ``left_out``; returns how many."""
        known = self._tx.columns["application_rows"]
        columns = {name: known[name] for name in score_columns(card) if name in known}
        last = first + ROWS_A_STATEMENT - 1
        beside = left_out[bisect_left(left_out, first) : bisect_right(left_out, last)]
        cells = ", ".join(("case_no", *map(quoted, columns)))
        rows = f"(SELECT {cells} FROM application_rows WHERE case_no BETWEEN {first} AND {last}"  # noqa: S608
        rows += " AND case_no NOT IN (SELECT unnest(CAST(? AS BIGINT[]))))" if beside else ")"
        relation = of_facts(card, rows, columns, keys=("case_no",))
        return self._insert(card, score_sql(card, relation, keys=("case_no",)), [beside] if beside else [])

    def _score_facts(self, card: Scorecard, cases: Sequence[tuple[int, int]]) -> None:
        values = [self._checked(case_id_of(case_no, year), card) for case_no, year in cases]
        relation = of_values(card, values, [case_no for case_no, _ in cases])
        self._insert(card, score_sql(card, relation, keys=("case_no",)))

    def _checked(self, case_id: str, card: Scorecard) -> Mapping[str, FactValue | None]:
        """The case's values by name; an error over one of them names the case."""
        values = self.inputs(case_id, card.names)
        try:
            for row in card.characteristics:
                row.scored(values[row.name])
        except InputError as exc:
            raise InputError(exc.field, f"{case_id}: {exc.message}", remedy=exc.remedy) from exc
        return values

    def _known(self, case_id: str, names: Sequence[str]) -> dict[str, Fact]:
        known = by_name(self._facts.current(case_id), self._catalogue)
        return known | {fact.name: fact for fact in derived_facts(case_id, names, known)}

    def _own_facts_sql(self, card: Scorecard) -> str:
        """SQL for case_no and year of the cases that one row of a table does not tell whole, as far as the score goes.

        Those with facts that do not follow from the row, with cells retired, with no row or several, and of tables
        whose money columns differ in unit.
        """
        names = score_columns(card)
        money = [name for name in names if self._catalogue[name].kind is Kind.MONEY]
        derived = _list((INCOME_USED, *RATIO_BY_NAME))
        return f"""
            SELECT case_no, year FROM cases WHERE case_no IN (
                SELECT case_no FROM facts WHERE name IN ({_list(names)})
                    AND NOT (name IN ({derived}) AND contains(source, '"kind":"computation"'))
                UNION SELECT m.case_no FROM fact_marks m ANTI JOIN facts f ON f.case_no = m.case_no AND f.id = m.fact
                UNION SELECT case_no FROM cases ANTI JOIN application_rows USING (case_no)
                UNION SELECT case_no FROM application_rows GROUP BY case_no HAVING count(*) > 1
                UNION SELECT case_no FROM application_rows WHERE table_no IN (
                    SELECT table_no FROM application_columns WHERE name IN ({_list(money)})
                    GROUP BY table_no HAVING count(DISTINCT coalesce(unit, '')) > 1))"""  # noqa: S608

    def _insert(self, card: Scorecard, select: str, parameters: Sequence[Any] = ()) -> int:
        head = ", ".join(literal(part) for part in (card.name, card.version, card.sha256))
        statement = f"INSERT INTO scores SELECT case_no, {head}, points, pd, grade, NULL, bins FROM ({select})"  # noqa: S608
        return int(self._tx.fetch(statement, parameters)[0][0])

    def _scorecard(self, sha256: str) -> Scorecard:
        """The scorecard that scored in bulk; read once a transaction."""
        if sha256 not in self._cards:
            document = self.scorecard(sha256)
            assert document is not None, "a score made in bulk keeps its scorecard"
            self._cards[sha256] = read_scorecard(document)
        return self._cards[sha256]


def _list(names: Sequence[str]) -> str:
    return ", ".join(literal(name) for name in names) or "NULL"
