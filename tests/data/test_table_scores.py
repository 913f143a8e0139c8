"""Tables of any columns: read as they stand, scored by their names, refused with their place."""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.domain.ratios import INCOME_USED, RATIO_BY_NAME, completed, with_sources
from app.domain.score import score_inputs
from app.domain.scorecard import ReasonsMethod, Scorecard
from app.domain.scorecard_format import read_scorecard, with_reasons
from app.errors import Cancelled, EnvironmentFault, InputError
from app.usecases.score_table import ScoreTable, score_table
from data.table_frames import read_frame
from data.table_scores import COLUMNS, TableScorer
from tests.scorecards import a_bin, a_characteristic, a_document


def the_document() -> dict[str, Any]:
    """Income, a coded grade, a town, whether insured: none a fact of the catalogue."""
    income = [
        a_bin(10, **{"from": None, "to": "0.30000000000000004"}),
        a_bin(30, **{"from": "0.30000000000000004", "to": "2500"}),
        a_bin(50, **{"from": "2500", "to": None}),
        a_bin(5, special=["-9", "-8"]),
        a_bin(20, missing=True),
    ]
    code = [
        a_bin(40, categories=["1", "2"]),
        a_bin(12, categories=["3"]),
        a_bin(25, missing=True),
        a_bin(7, unseen=True),
    ]
    town = [a_bin(9, categories=["Ulm", "O'Hara", "北京"]), a_bin(3, unseen=True), a_bin(4, missing=True)]
    insured = [a_bin(8, categories=["true"]), a_bin(0, categories=["false"]), a_bin(2, missing=True)]
    return a_document(
        [
            a_characteristic("Monthly income, EUR", "numeric", income, neutral=30, code="INC"),
            a_characteristic("code", "category", code, neutral=25, code="COD"),
            a_characteristic("Town", "category", town, neutral=9, code="TWN"),
            a_characteristic("insured", "boolean", insured, neutral=2, code="INS"),
        ]
    )


@pytest.fixture
def card() -> Scorecard:
    return read_scorecard(the_document())


HEADER = "loan_id,Monthly income, EUR,code,Town,insured"
ROWS = [
    ("L-3", "0.3", "1", "Ulm", "true"),
    ("L-1", "0.30000000000000004", "1.0", "Ulm", "False"),
    ("L-2", "-9", "3", "O'Hara", "NA"),
    ("L-9", "-9.0", "3.0", "北京", ""),
    ("L-8", "NaN", "NA", "", "true"),
    ("L-7", "inf", "9", "Paris", "true"),
    ("L-5", "2.5e3", "01", "ulm", "false"),
    ("L-4", " 2499.99 ", "", "Ulm ", "true"),
]
SCORES = [10 + 40 + 9 + 8, 30 + 40 + 9 + 0, 5 + 12 + 9 + 2, 5 + 12 + 9 + 2, 20 + 25 + 4 + 8, 50 + 7 + 3 + 8]
SCORES += [50 + 7 + 3 + 0, 30 + 25 + 3 + 8]


def write(folder: Path, rows: Sequence[Sequence[str]], *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["loan_id", "Monthly income, EUR", "code", "Town", "insured"])
        writer.writerows(rows)
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def scored(card: Scorecard, table: Path, **how: Any) -> list[dict[str, str]]:
    out = table.with_name("scores.csv")
    made = TableScorer(**{name: how.pop(name) for name in ("missing",) if name in how}).score(card, table, out, **how)
    rows = read(out)
    assert made.rows == len(rows)
    return rows


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-8")])
def test_rows_are_scored_in_the_order_of_the_table(
    card: Scorecard, tmp_path: Path, delimiter: str, encoding: str
) -> None:
    rows = scored(card, write(tmp_path, ROWS, delimiter=delimiter, encoding=encoding))
    assert list(rows[0]) == ["loan_id", *COLUMNS]
    assert [row["loan_id"] for row in rows] == [row[0] for row in ROWS]
    assert [int(row["score"]) for row in rows] == SCORES
    assert [row["pd"] for row in rows] == [f"{card.calibration.pd(points):f}" for points in SCORES]
    assert [row["grade"] for row in rows] == [card.grade_of(points) for points in SCORES]


def test_reasons_are_codes_by_the_chosen_method(card: Scorecard, tmp_path: Path) -> None:
    table = write(tmp_path, ROWS[2:3])  # 5 of 30 (50), 12 of 25 (40), 9 of 9, 2 of 2 (8)
    (row,) = scored(card, table, reason_points=True)
    assert [row[f"reason_{n}"] for n in (1, 2, 3, 4)] == ["INC", "COD", "", ""]
    assert [row[f"reason_{n}_points"] for n in (1, 2, 3, 4)] == ["25", "13", "", ""]
    (row,) = scored(with_reasons(card, ReasonsMethod.MAXIMUM), table, reason_points=True)
    assert [row[f"reason_{n}"] for n in (1, 2, 3, 4)] == ["INC", "COD", "INS", ""]
    assert [row[f"reason_{n}_points"] for n in (1, 2, 3, 4)] == ["45", "28", "6", ""]


def parquet(path: Path, select: str) -> Path:
    import duckdb

    out = path / "table.parquet"
    duckdb.execute(f"COPY ({select}) TO '{out}' (FORMAT parquet)")
    return out


PARQUET = """
SELECT unnest(['b', 'a', 'c', 'd']) AS id,
       unnest([0.3, 2500.0, NULL, 'nan'::DOUBLE]::DOUBLE[]) AS "Monthly income, EUR",
       unnest([1, 3, NULL, 9]::{code}[]) AS code, unnest(['Ulm', '北京', 'NA', 'x']) AS "Town",
       unnest([true, false, NULL, true]) AS insured
"""


@pytest.mark.parametrize("code", ["INTEGER", "DOUBLE", "DECIMAL(9,2)", "UBIGINT", "VARCHAR", "FLOAT"])
def test_parquet_of_any_type_scores_as_its_values(card: Scorecard, tmp_path: Path, code: str) -> None:
    """A code is the same category as whole number, as double and as text."""
    table = parquet(tmp_path, PARQUET.format(code=code))
    out = tmp_path / "scores.parquet"
    made = TableScorer().score(card, table, out)
    assert (made.rows, made.identifier) == (4, "id")
    frame = read_frame(out)
    assert list(frame.columns) == ["id", *COLUMNS]
    assert list(frame["id"]) == ["b", "a", "c", "d"]
    points = [10 + 40 + 9 + 8, 50 + 12 + 9 + 0, 20 + 25 + 4 + 2, 20 + 7 + 3 + 8]
    assert list(frame["score"]) == points
    assert list(frame["pd"]) == [float(card.calibration.pd(each)) for each in points]


def test_a_million_rows_keep_their_order(tmp_path: Path) -> None:
    bins = [a_bin(n, **{"from": str(n) if n else None, "to": str(n + 1) if n < 9 else None}) for n in range(10)]
    card = read_scorecard(a_document([a_characteristic("x", "numeric", [*bins[:9], bins[9] | {"missing": True}])]))
    table = parquet(tmp_path, "SELECT i AS id, (i * 7919) % 10 AS x FROM range(1000000) AS r(i)")
    TableScorer().score(card, table, tmp_path / "scores.parquet")
    frame = read_frame(tmp_path / "scores.parquet")
    assert frame["id"].is_monotonic_increasing
    assert len(frame) == 1_000_000
    assert (frame["score"] == (frame["id"] * 7919) % 10).all()


def test_it_is_the_score_of_the_reference(card: Scorecard, tmp_path: Path) -> None:
    values = [0.1 * n - 3 for n in range(60)] + [-9.0, -8.0, math.inf, -math.inf, 5e-324, 1e300]
    table = write(tmp_path, [(str(n), repr(value), "2", "Rom", "true") for n, value in enumerate(values)])
    wanted = [
        score_inputs(card, {"Monthly income, EUR": Decimal(value), "code": "2", "Town": "Rom", "insured": True})
        for value in values
    ]
    rows = scored(card, table)
    assert [int(row["score"]) for row in rows] == [score.points for score in wanted]
    assert [[row[f"reason_{n}"] for n in (1, 2, 3, 4) if row[f"reason_{n}"]] for row in rows] == [
        [reason.reason_code for reason in score.reasons] for score in wanted
    ]


# The identifier


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        *((name, True) for name in ("loan_id", "SK_ID_CURR", "rownames", "", "customerId", "Reference")),
        *((name, False) for name in ("kids", "paid", "Unit")),
    ],
)
def test_an_identifier_is_known_by_its_heading(card: Scorecard, tmp_path: Path, heading: str, found: bool) -> None:
    table = write(tmp_path, ROWS)
    table.write_text(table.read_text("utf-8").replace("loan_id", heading, 1), "utf-8")
    made = TableScorer().score(card, table, tmp_path / "scores.csv")
    assert made.identifier == (heading if found else None)
    assert len(read(tmp_path / "scores.csv")[0]) == len(COLUMNS) + found


def test_it_is_different_in_every_row_or_none(card: Scorecard, tmp_path: Path) -> None:
    table = write(tmp_path, [ROWS[0], ROWS[0]])
    assert list(scored(card, table)[0]) == list(COLUMNS)
    assert list(scored(card, table, identifier="loan_id")[0]) == ["loan_id", *COLUMNS]
    assert list(scored(card, write(tmp_path, ROWS), identifier=None)[0]) == list(COLUMNS)
    assert [row["Town"] for row in scored(card, write(tmp_path, ROWS[:2]), identifier="Town")] == ["Ulm", "Ulm"]
    with pytest.raises(InputError, match="no column named 'loan'"):
        scored(card, table, identifier="loan")


# What cannot be scored


def test_a_bad_cell_is_named_with_line_and_column(card: Scorecard, tmp_path: Path) -> None:
    rows = [*ROWS, ("L\n11", "1", "1", "two\nlines", "true"), ("L-12", "abc", "1", "Ulm", "true")]
    table = write(tmp_path, rows)
    with pytest.raises(InputError) as caught:
        scored(card, table)
    assert (caught.value.line, caught.value.column) == (13, "Monthly income, EUR")
    assert table.read_text("utf-8").splitlines()[12].startswith("L-12,abc")
    assert "'abc' is not a number" in str(caught.value)
    assert not table.with_name("scores.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"], "nothing is left behind"
    assert scored(card, table, missing=("abc", "NaN", "NA"))[-1]["score"] == str(20 + 40 + 9 + 8)


@pytest.mark.parametrize(
    ("row", "said", "line"),
    [
        (("L-0", "1,5", "1", "Ulm", "true"), "'1,5' is not a number", 10),
        (("L-0", "1", "1", "Ulm", "perhaps"), "'perhaps' is not true or false", 10),
        (("L-0", "1", "1", "Ulm"), "not the 5 cells", 10),
        (("L-0", "1", "1", "Ulm", "true", "more"), "not the 5 cells", 10),
        (("L-0", "None", "1", "Ulm", "true"), "'None' is not a number", 10),
    ],
)
def test_other_bad_rows(card: Scorecard, tmp_path: Path, row: tuple[str, ...], said: str, line: int) -> None:
    with pytest.raises(InputError, match=said) as caught:
        scored(card, write(tmp_path, [*ROWS, row]))
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('L-1,1,1,"Ulm,true\nL-2,1,1,Ulm,true\n', "unterminated quote"),
        ("L-1,1,1,Ulm,true\r\nL-2,1,1,Ulm,true\n", "lines end in different ways"),
        (f"L-1,1,1,{'x' * 3_000_000},true\n", "Maximum line size"),
    ],
)
def test_what_is_no_csv_is_said(card: Scorecard, tmp_path: Path, text: str, said: str) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(('loan_id,"Monthly income, EUR",code,Town,insured\n' + text).encode())
    with pytest.raises(InputError, match=said):
        scored(card, table)


def test_lines_may_end_either_way(card: Scorecard, tmp_path: Path) -> None:
    table = write(tmp_path, ROWS)
    content = table.read_bytes()
    assert b"\r\n" in content
    table.write_bytes(content.replace(b"\r\n", b"\n").rstrip())
    assert [int(row["score"]) for row in scored(card, table)] == SCORES


def test_a_table_without_rows(card: Scorecard, tmp_path: Path) -> None:
    assert scored(card, write(tmp_path, [])) == []
    assert (tmp_path / "scores.csv").read_text() == "loan_id,score,pd,grade,reason_1,reason_2,reason_3,reason_4\n"


def test_a_bad_cell_of_parquet_is_named_with_its_row(card: Scorecard, tmp_path: Path) -> None:
    select = PARQUET.format(code="INTEGER").replace("[0.3, 2500.0, NULL, 'nan'::DOUBLE]::DOUBLE[]", "['1','','x','2']")
    with pytest.raises(InputError, match="'x' is not a number") as caught:
        scored(card, parquet(tmp_path, select))
    assert (caught.value.line, caught.value.column) == (3, "Monthly income, EUR")
    dated = PARQUET.format(code="INTEGER").replace(
        "unnest([0.3, 2500.0, NULL, 'nan'::DOUBLE]::DOUBLE[])", "DATE '2026-01-01'"
    )
    with pytest.raises(InputError, match="holds DATE"):
        scored(card, parquet(tmp_path, dated))


def test_a_missing_word_that_is_a_category_is_the_category(tmp_path: Path) -> None:
    document = the_document()
    document["characteristics"][2]["bins"][0]["categories"].append("NA")
    (row,) = scored(read_scorecard(document), write(tmp_path, [("1", "1", "1", "NA", "true")]))
    assert int(row["score"]) == 30 + 40 + 9 + 8


def test_missing_and_repeated_columns_are_named(card: Scorecard, tmp_path: Path) -> None:
    table = write(tmp_path, ROWS)
    text = table.read_text("utf-8")
    table.write_text(text.replace("Town", "town", 1), "utf-8")
    with pytest.raises(InputError, match=r"lacks the column of the scorecard: Town\. .*'town'.*exactly"):
        scored(card, table)
    table.write_text(text.replace("Town,insured", "Town,Town", 1), "utf-8")
    with pytest.raises(InputError, match=r"lacks the column of the scorecard: insured\. Its columns, the closest"):
        scored(card, table)
    table.write_text(text.replace("loan_id", "Town", 1), "utf-8")
    with pytest.raises(InputError, match="several columns named 'Town'"):
        scored(card, table)
    table.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(InputError, match="lacks 4 columns of the scorecard: Monthly income, EUR, code, Town, insured"):
        scored(card, table)


def test_files_that_are_no_table(card: Scorecard, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    with pytest.raises(InputError, match=r"cannot be read|No such file"):
        scored(card, table)
    table.write_text("", "utf-8")
    with pytest.raises(InputError, match="empty"):
        scored(card, table)
    table.write_bytes(b"PAR1" + b"\0" * 100)
    with pytest.raises(InputError, match="Parquet"):
        scored(card, table)
    write(tmp_path, [("1", "1", "1", "K\u00f6ln", "true")], encoding="latin-1")
    assert scored(card, table)[0]["score"] == str(30 + 40 + 3 + 8)


ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "gb18030"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_text_of_any_encoding_that_imports_scores_as_utf_8_does(
    card: Scorecard, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = scored(card, write(tmp_path, ROWS, delimiter=delimiter, encoding=encoding))
    assert [int(row["score"]) for row in rows] == SCORES
    assert [row["loan_id"] for row in rows] == [row[0] for row in ROWS]
    assert list(read_frame(tmp_path / "table.csv")["Town"].dropna()) == [row[3] for row in ROWS if row[3]]


def test_the_western_code_page_and_old_line_ends_are_read(card: Scorecard, tmp_path: Path) -> None:
    table = write(
        tmp_path, [("1", "1", "1", "K\u00f6ln \u20ac", "true"), ("2", "1", "1", "Ulm", "true")], encoding="cp1252"
    )
    assert [int(row["score"]) for row in scored(card, table)] == [30 + 40 + 3 + 8, 30 + 40 + 9 + 8]
    assert read_frame(table)["Town"][0] == "K\u00f6ln \u20ac"
    table.write_bytes(b"loan_id;code;Town;insured;Monthly income\r7;1;Ulm;true;1\r8;1;Ulm;false;1\r")
    renamed = json.loads(json.dumps(the_document()).replace("Monthly income, EUR", "Monthly income"))
    assert [int(row["score"]) for row in scored(read_scorecard(renamed), table)] == [30 + 40 + 9 + 8, 30 + 40 + 9]


def test_a_line_that_does_not_decode_is_named(card: Scorecard, tmp_path: Path) -> None:
    table = write(tmp_path, [*ROWS, *ROWS])
    lines = table.read_bytes().splitlines(keepends=True)
    lines[5] = lines[5].replace(b"L-8", b"L-\xff8")
    table.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match="a byte that is no utf-8") as caught:
        scored(card, table)
    assert caught.value.line == 6
    wide = write(tmp_path, [*ROWS[:3], ("L-0", "a lot", "1", "Ulm", "true")], encoding="utf-16")
    with pytest.raises(InputError, match="'a lot' is not a number") as caught:
        scored(card, wide)
    assert (caught.value.line, caught.value.column) == (5, "Monthly income, EUR")


# Ratios


def a_ratio_card(*names: str) -> Scorecard:
    """A point a hundredth from 0 to 3, one bin more above; a bin for missing."""

    def bins() -> list[dict[str, Any]]:
        ends = [None, *(f"0.{n}" for n in range(1, 10)), "1", "1.5", "2", "5", "20", "80", "120"]
        cut = [a_bin(n + 1, **{"from": low, "to": high}) for n, (low, high) in enumerate(pairwise([*ends, None]))]
        return [*cut, a_bin(50, missing=True)]

    return read_scorecard(a_document([a_characteristic(name, "numeric", bins()) for name in names]))


MONEY = ["", "0", "-3", "0.005", "1.005", "1000", "999.995", "250.125", "12000", "1e11", "0.01", "3999.99"]


def test_ratios_are_derived_as_they_are_for_a_case(tmp_path: Path) -> None:
    """Each row scores as the desk derives it; a column used in a ratio may be scored itself as well."""
    card = a_ratio_card(*RATIO_BY_NAME, "request.amount", INCOME_USED)
    names = [name for name in with_sources(card.names) if name not in RATIO_BY_NAME and name != INCOME_USED]
    pick = random.Random(7)
    known = [{name: pick.choice(MONEY) for name in names} for _ in range(400)]
    for row in known:
        row["request.term_months"] = pick.choice(["", "12", "36", "60"])
    table = tmp_path / "table.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(known)
    values = [{name: Decimal(text) if text else None for name, text in row.items()} for row in known]
    wanted = [score_inputs(card, completed(card.names, row)).points for row in values]
    assert [int(row["score"]) for row in scored(card, table)] == wanted
    assert len(set(wanted)) > 50


def test_a_ratio_that_is_a_column_is_taken_as_it_stands(tmp_path: Path) -> None:
    card = a_ratio_card("ratio.financed_pct")
    table = tmp_path / "table.csv"
    table.write_text("ratio.financed_pct,request.amount,request.goods_price\n0.35,100,100\n,100,100\n", "utf-8")
    assert [int(row["score"]) for row in scored(card, table)] == [4, 50]


def test_what_a_ratio_lacks_is_told(tmp_path: Path) -> None:
    card = a_ratio_card("ratio.amount_to_income")
    table = tmp_path / "table.csv"
    table.write_text("id,request.amount\n1,2\n", "utf-8")
    with pytest.raises(InputError, match=r"to derive it, request\.amount, income\.net_monthly\)"):
        scored(card, table)
    table.write_text("id,request.amount,income.net_monthly_stated\n1,2,4\n2,x,1\n", "utf-8")
    with pytest.raises(InputError, match="'x' is not a number") as caught:
        scored(card, table)
    assert (caught.value.line, caught.value.column) == (3, "request.amount")
    table.write_text("id,request.amount,income.net_monthly_stated\n1,2,4\n", "utf-8")
    assert [row["score"] for row in scored(card, table)] == ["6"]


def test_where_the_scores_may_go(card: Scorecard, tmp_path: Path) -> None:
    table = write(tmp_path, ROWS)
    for out, said in ((table, "overwrite"), (tmp_path / "a.txt", "neither"), (tmp_path / "no" / "a.csv", "no folder")):
        with pytest.raises(InputError, match=said):
            TableScorer().score(card, table, out)
    (tmp_path / "full.csv").mkdir()
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        TableScorer().score(card, table, tmp_path / "full.csv")
    odd = tmp_path / "a [1]*? 'x'.csv"
    odd.write_bytes(table.read_bytes())
    assert TableScorer().score(card, odd, tmp_path / "b [2]'.csv").rows == len(ROWS)
    assert len(read(tmp_path / "b [2]'.csv")) == len(ROWS)


def test_cancelling_leaves_nothing(card: Scorecard, tmp_path: Path) -> None:
    def cancel(done: int, total: int | None, what: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        TableScorer().score(card, write(tmp_path, ROWS), tmp_path / "scores.csv", progress=cancel)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_the_use_case_says_what_was_done(card: Scorecard, tmp_path: Path) -> None:
    command = ScoreTable(write(tmp_path, ROWS), tmp_path / "scores.csv", reasons=ReasonsMethod.MAXIMUM)
    told = score_table(command, card, TableScorer()).to_json()
    assert {**told, "seconds": 0} == {
        "scored": 8,
        "seconds": 0,
        "out": str(tmp_path / "scores.csv"),
        "identifier": "loan_id",
        "scorecard": "small",
        "version": "1.0.0",
        "sha256": with_reasons(card, ReasonsMethod.MAXIMUM).sha256,
        "reasons_method": "maximum",
    }
    assert told["sha256"] != card.sha256


# Frames


def test_a_frame_has_the_one_type_of_each_column(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "id,n,code,flag,day,empty,mixed\n007,1.5,A1,True,2026-01-31,,1\nb,NA,NA,false,2026-02-01 10:00,,x\n"
    )
    frame = read_frame(path)
    assert list(frame.columns) == ["id", "n", "code", "flag", "day", "empty", "mixed"]
    assert [str(kind) for kind in frame.dtypes[["n", "empty"]]] == ["float64", "float64"]
    assert list(frame["id"]) == ["007", "b"]
    assert frame["n"][0] == 1.5
    assert math.isnan(frame["n"][1])
    assert list(frame["flag"]) == [True, False]
    assert frame["code"].isna().tolist() == [False, True]
    assert str(frame["day"].dtype).startswith("datetime64")
    assert list(frame["mixed"]) == ["1", "x"]


def test_a_frame_of_repeated_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,a\n1,2\n")
    with pytest.raises(InputError, match="Two columns are named 'a'"):
        read_frame(path)
