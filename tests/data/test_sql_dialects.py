"""A scorecard's statement in three dialects: what it may hold, and what it says in DuckDB and in Spark."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.domain.score import score_inputs
from app.domain.scorecard import Characteristic, CharacteristicKind, ReasonsMethod, Scorecard
from app.domain.scorecard_format import read_scorecard, with_reasons
from app.errors import InputError
from data.catalogue import load_catalogue
from data.database import quoted
from data.scorecard_files import load_scorecard
from data.scoring_sql import Relation, score_sql
from data.sql_dialects import DIALECTS, scorecard_sql
from tests import credit_data
from tests.scorecards import a_bin, a_characteristic, a_document, documents, small_document

if TYPE_CHECKING:
    import duckdb

sqlglot = pytest.importorskip("sqlglot")

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
ODD = ["O'Hara", 'a"b', "a\\b", "\\'", "`x`", "line\nbreak", "%s {} $1", "-- no", "北京", " ", "1", "2.0"]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    with duckdb.connect() as made:
        yield made


def odd_card() -> Scorecard:
    """Texts, names and ends that are easily turned into something else."""
    ends = [None, "-1e300", "-0.1", "0", "5e-324", "1e-7", "0.30000000000000004", "12345678.9", "1e16", "1e300", None]
    numbers = [a_bin(n, **{"from": low, "to": high}) for n, (low, high) in enumerate(pairwise(ends))]
    texts = [a_bin(100 * n, categories=[text]) for n, text in enumerate(ODD)]
    return read_scorecard(
        a_document(
            [
                a_characteristic(
                    "odd \"name\" `of` \\ 'it'", "numeric", [*numbers, a_bin(50, missing=True)], code="C'1"
                ),
                a_characteristic("Select", "category", [*texts, a_bin(5000, missing=True), a_bin(7000, unseen=True)]),
            ]
        )
    )


def odd_rows() -> list[tuple[int, float | None, str | None]]:
    (row, _) = odd_card().characteristics
    ends = [end for entry in row.bins for end in (entry.lower, entry.upper) if end is not None]
    near = [math.nextafter(end, way) for end in ends for way in (-math.inf, end, math.inf)]
    numbers: list[float | None] = [*near, math.nan, math.inf, -math.inf, -0.0, None]
    texts = [*ODD, "1.0", "2", "2.00", "", "nobody", None]
    return [(i, numbers[i % len(numbers)], texts[i % len(texts)]) for i in range(len(numbers) * len(texts))]


def told(card: Scorecard, values: dict[str, Any]) -> tuple[Any, ...]:
    score = score_inputs(
        card, {name: Decimal(each) if isinstance(each, float) else each for name, each in values.items()}
    )
    codes = [reason.reason_code for reason in score.reasons] + [None] * 4
    return (score.points, score.pd, score.grade, *codes[:4])


def wanted_odd(card: Scorecard) -> list[tuple[Any, ...]]:
    return [(i, *told(card, dict(zip(card.names, (number, text), strict=True)))) for i, number, text in odd_rows()]


def answered(connection: duckdb.DuckDBPyConnection, card: Scorecard, table: str) -> list[tuple[Any, ...]]:
    return sorted(connection.execute(scorecard_sql(card, "duckdb", table=table, keys=("id",))).fetchall())


def test_odd_texts_and_numbers_in_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    card = odd_card()
    name = quoted(card.names[0])
    connection.execute(f'CREATE OR REPLACE TABLE odd (id INTEGER, {name} DOUBLE, "Select" VARCHAR)')
    connection.executemany("INSERT INTO odd VALUES (?, ?, ?)", odd_rows())
    assert answered(connection, card, "odd") == wanted_odd(card)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(data=st.data(), document=documents(), method=st.sampled_from(ReasonsMethod))
def test_the_statement_equals_the_score(
    connection: duckdb.DuckDBPyConnection, data: st.DataObject, document: dict[str, Any], method: ReasonsMethod
) -> None:
    """Against ``score_sql``, which other tests hold to the reference."""
    card = with_reasons(read_scorecard(document), method)
    types = {CharacteristicKind.NUMERIC: "DOUBLE", CharacteristicKind.BOOLEAN: "BOOLEAN"}
    columns = [f"{quoted(row.name)} {types.get(row.kind, 'VARCHAR')}" for row in card.characteristics]
    connection.execute(f"CREATE OR REPLACE TABLE any_rows (id INTEGER, {', '.join(columns)})")
    kinds = {CharacteristicKind.NUMERIC: st.floats() | st.integers(-500, 500).map(float)}
    kinds |= {CharacteristicKind.BOOLEAN: st.booleans(), CharacteristicKind.CATEGORY: st.sampled_from(["fixed", "x"])}
    row = st.tuples(*(st.none() | kinds[each.kind] for each in card.characteristics))
    rows = [(n, *cells) for n, cells in enumerate(data.draw(st.lists(row, min_size=1, max_size=20)))]
    connection.executemany(f"INSERT INTO any_rows VALUES ({', '.join('?' * (len(columns) + 1))})", rows)
    reasons = "reason_1, reason_2, reason_3, reason_4"
    inner = score_sql(card, Relation("any_rows"), keys=("id",))
    assert answered(connection, card, "any_rows") == sorted(
        connection.execute(f"SELECT id, points, pd, grade, {reasons} FROM ({inner})").fetchall()
    )


def test_rows_stay_in_the_order_of_the_table(connection: duckdb.DuckDBPyConnection) -> None:
    bins = [a_bin(0, **{"from": None, "to": "1"}), a_bin(1, **{"from": "1", "to": None}), a_bin(9, missing=True)]
    card = read_scorecard(a_document([a_characteristic("x", "numeric", bins)]))
    connection.execute("CREATE OR REPLACE TABLE applications AS SELECT (i * 7) % 3 AS x FROM range(200000) AS r(i)")
    found = [points for (points, *_) in connection.execute(scorecard_sql(card, "duckdb")).fetchall()]
    assert found == [min((i * 7) % 3, 1) for i in range(200_000)]


# What other engines read


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_statement_holds_nothing_that_engines_read_differently(dialect: str) -> None:
    """No logarithm (its base differs), no rounding, no cast to whole numbers, no substring, no division; every number
    that is compared is a double, and the one cast of a number is to one."""
    exp = sqlglot.exp
    tree = sqlglot.parse_one(scorecard_sql(odd_card(), dialect), read=dialect)
    for kind in (exp.Log, exp.Ln, exp.Round, exp.Substring, exp.Div, exp.IntDiv, exp.Pow, exp.Join):
        assert tree.find(kind) is None, kind
    casts = {node.to.this for node in tree.find_all(exp.Cast)}
    assert casts <= {exp.DataType.Type.DOUBLE, exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR}
    compared = [node.expression for node in tree.find_all(exp.LT) if node.this.name.startswith("v")]
    assert len(compared) == 9
    assert all("e" in node.sql(dialect).lower() for node in compared)


@pytest.mark.parametrize("text", ["LOG(x)", "CAST(x AS INT)", "SUBSTR(x, 0, 3)", "12.5"])
def test_what_keeps_its_words_but_not_its_meaning_is_why(text: str) -> None:
    """Spark takes another logarithm, cuts instead of rounding, counts position 0 as 1; to both 12.5 is a decimal."""
    words = sqlglot.transpile(f"SELECT {text}", read="duckdb", write="spark")[0]
    assert words.replace("SUBSTRING", "SUBSTR") == f"SELECT {text}"


def test_postgres_keeps_each_stage() -> None:
    """Written out in one another, the stages of the reasons would multiply: planning alone took minutes."""
    tree = sqlglot.parse_one(scorecard_sql(odd_card(), "postgres"), read="postgres")
    stages = list(tree.find_all(sqlglot.exp.CTE))
    assert len(stages) == 7
    assert all(stage.args.get("materialized") for stage in stages)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_reads_the_table_that_is_named(dialect: str) -> None:
    card = read_scorecard(small_document())
    tree = sqlglot.parse_one(scorecard_sql(card, dialect, table="risk.Odd Name", keys=("loan id",)), read=dialect)
    stages = {cte.alias for cte in tree.find_all(sqlglot.exp.CTE)}
    read = [table for table in tree.find_all(sqlglot.exp.Table) if table.name not in stages]
    assert [(table.db, table.name) for table in read] == [("risk", "Odd Name")]
    answer = ["loan id", "score", "pd", "grade", "reason_1", "reason_2", "reason_3", "reason_4"]
    assert tree.named_selects == answer


def test_what_is_refused() -> None:
    card = read_scorecard(small_document())
    with pytest.raises(InputError, match="oracle"):
        scorecard_sql(card, "oracle")
    for table in ("", "a.", "a.b.c.d", "a\0"):
        with pytest.raises(InputError, match="no name of a table"):
            scorecard_sql(card, "spark", table=table)


# Spark itself, where it is installed


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    pytest.importorskip("pyspark")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_spark_says_the_same_of_odd_texts_and_numbers(spark: Any) -> None:
    from pyspark.sql.types import DoubleType, IntegerType, StringType, StructField, StructType

    card = odd_card()
    types = (IntegerType(), DoubleType(), StringType())
    fields = [StructField(name, kind) for name, kind in zip(("id", *card.names), types, strict=True)]
    spark.createDataFrame(odd_rows(), StructType(fields)).createOrReplaceTempView("odd")
    found = spark.sql(scorecard_sql(card, "spark", table="odd", keys=("id",))).collect()
    assert sorted(tuple(row) for row in found) == wanted_odd(card)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.timeout(600)
def test_100_000_rows_score_alike_in_duckdb_and_spark(
    spark: Any, connection: duckdb.DuckDBPyConnection, tmp_path: Any
) -> None:
    """The real applications over and over, their ratios moved a little each time, some of them NaN."""
    card = load_scorecard("credit-data", load_catalogue())
    rows = [score_row(card, line) for line in credit_data.lines()]
    columns = [f'"{row.name}" {kind_of(row.kind)}' for row in card.characteristics]
    connection.execute(f"CREATE OR REPLACE TABLE real ({', '.join(columns)})")
    connection.executemany(f"INSERT INTO real VALUES ({', '.join('?' * len(columns))})", rows)
    moved = ", ".join(moved_sql(row) for row in card.characteristics)
    file = tmp_path / "applications.parquet"
    many = f"SELECT row_number() OVER () AS id, {moved} FROM real, range(23) AS r(n) LIMIT 100000"
    connection.execute(f"COPY ({many}) TO '{file}' (FORMAT parquet)")
    connection.execute(f"CREATE OR REPLACE VIEW applications AS FROM '{file}'")
    spark.read.parquet(str(file)).createOrReplaceTempView("applications")
    in_duckdb = sorted(connection.execute(scorecard_sql(card, "duckdb", keys=("id",))).fetchall())
    in_spark = sorted(tuple(row) for row in spark.sql(scorecard_sql(card, "spark", keys=("id",))).collect())
    assert len(in_duckdb) == 100_000
    assert in_spark == in_duckdb
    assert len({row[1] for row in in_duckdb}) > 100, "the scores differ from row to row"


def moved_sql(row: Characteristic) -> str:
    name = quoted(row.name)
    if row.kind is not CharacteristicKind.NUMERIC:
        return name
    some = "CASE WHEN (n * 4454 + rowid) % 501 = 0 THEN CAST('NaN' AS DOUBLE) ELSE 0e0 END"
    return f"{name} * (1 + (n % 97) / 1e3) + {some} AS {name}"


def kind_of(kind: CharacteristicKind) -> str:
    return {CharacteristicKind.NUMERIC: "DOUBLE", CharacteristicKind.BOOLEAN: "BOOLEAN"}.get(kind, "VARCHAR")


def score_row(card: Scorecard, line: dict[str, str]) -> tuple[Any, ...]:
    from app.domain.ratios import completed

    values = completed(card.names, credit_data.facts_of(line))
    scored = (row.scored(values[row.name]) for row in card.characteristics)
    return tuple({"true": True, "false": False}.get(each, each) if isinstance(each, str) else each for each in scored)
