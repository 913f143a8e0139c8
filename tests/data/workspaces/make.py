"""Make the workspace of a released schema version, by the program of that version, and pack it for the tests.

``python make.py CHECKOUT OUT.zip`` works at a workspace with the ``caseworth`` of that checkout, as a person would:
imports, scores, corrects, drafts, decides, writes letters, keeps outcomes. What the command line of that version cannot
fill is written as a row of its own (``BY_HAND``), so that every table holds something.

The zip holds what a workspace holds, with the database written out as ``database/schema.sql`` and a Parquet file a
table: an encrypted file cannot be compressed. ``tests/data/old_workspaces.py`` puts it together again, under the same
key. ``--up-to N`` leaves out what later migrations added: so were 1 and 2 made, which no program had as its latest, and
5 to 7, which stood for minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PASSPHRASE = "an old workspace"  # the persons in it are invented
FIXED_DATE = (2026, 11, 22, 0, 0, 0)

TABLE = """number,amount,term,income,expenses,job,housing,name
T-1,8000,24,2310,730,fixed,rent,Petra Muster
T-2,21000,60,1290,480,freelance,owner,Jan Muster
T-3,bad,36,2000,900,fixed,owner,Eva Muster
T-4,15000,36,2550,600,fixed,rent,
"""
MAPPING = """currency = "EUR"
product = "instalment-loan"
reference = "number"
[columns."request.amount"]
from = "amount"
[columns."request.term_months"]
from = "term"
[columns."income.net_monthly_stated"]
from = "income"
[columns."expenses.monthly_living"]
from = "expenses"
[columns."employment.type"]
from = "job"
[columns."applicant.housing"]
from = "housing"
[columns."applicant.name"]
from = "name"
"""
OUTCOMES = "case,observed_on,outcome,days_past_due\nT-1,2026-11-20,good,0\nT-9,2026-11-20,good,0\n"

HEX = "ab" * 32
AT = "2026-11-22T09:00:00+00:00"
BY_HAND = {
    "policy_drafts": ("d-1", "instalment-loan", "{}", HEX, "Erika Beispiel", AT),
    "scorecard_approvals": (HEX, "Otto Zweit", AT, "2026-01-01", "looked through"),
    "policy_activations": ("instalment-loan", 1, HEX, "Otto Zweit", AT, "in force"),
    "scorecard_uses": (1, HEX, "Otto Zweit", AT),
    "challengers": (HEX, "boosted", "Erika Beispiel", AT, b"no model"),
    "challenger_scores": (1, HEX, "0.031250", "B", "", "{}"),
    "alerts": (1, HEX, "psi", "", "2026-10", "amber", "{}", AT),
    "fact_marks": (1, HEX, 1, True),
    "mappings": ("0" * 16, 'currency = "EUR"\n'),
    "waiting_documents": (1, 1, HEX, "Erika Beispiel", None, "failed", "It is protected.", "Send it without."),
    "recognised_pages": (HEX, 1, 1, "{}"),
    "first_pages": (HEX, "null", 595.0, 842.0, 12, b"\xff\xd8\xff\xd9"),
    "inventory_records": (1, HEX, "registered", "Erika Beispiel", AT, "{}"),
    "rejects": (9, HEX, "t.csv", 3, "amount", "no number", "correct it", "bad"),
    "outcome_rejects": (HEX, "o.csv", 3, "case", "no such case", "correct it", "T-9"),
    "passage_meanings": (HEX, HEX, HEX, [0.5, -0.25]),
    "picture_prints": (HEX, *range(16)),
}


class Checkout:
    """The program of one version, at one workspace."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._folder = folder
        self.workspace = home / "workspace"
        (home / "passphrase").write_text(PASSPHRASE)
        self._env = os.environ | {
            "CASEWORTH_PASSPHRASE_FILE": str(home / "passphrase"),
            "CASEWORTH_WORKSPACE": str(self.workspace),
            "PYTHONPATH": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *command: object, statuses: tuple[int, ...] = (0,)) -> str:
        words = [sys.executable, "-m", "app", *map(str, command)]
        done = subprocess.run(words, cwd=self._folder, env=self._env, capture_output=True, text=True, check=False)
        if done.returncode not in statuses:
            sys.exit(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stderr}")
        if done.returncode:
            print(f"{command[0]}: {done.stderr.strip()}", file=sys.stderr)
        return done.stdout

    def knows(self, command: str) -> bool:
        return f"\n    {command} " in self.run("--help")

    def python(self, code: str, *arguments: object) -> str:
        words = [sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.run(
            words, cwd=self._folder, env=self._env, stdout=subprocess.PIPE, text=True, check=True
        ).stdout


def made_papers(checkout: Path, home: Path) -> Path:
    """A small folder of one applicant, with a picture, and a table."""
    from PIL import Image

    sample = checkout / "data" / "samples" / "folders" / "thin-file"
    folder = home / "mateo"
    folder.mkdir()
    for name in ("application.json", "bureau.json", "call.txt", "statement.ofx"):
        shutil.copy(sample / name, folder)
    with Image.open(sample / "id-card.png") as picture:
        small = picture.convert("L").resize((picture.width // 2, picture.height // 2))
        small.quantize(4).save(folder / "id-card.png")
    (home / "table.csv").write_text(TABLE)
    (home / "table.toml").write_text(MAPPING)
    (home / "outcomes.csv").write_text(OUTCOMES)
    return folder


def work(program: Checkout, folder: Path, home: Path) -> None:
    """What a person does at a desk in a morning."""
    run = program.run
    run("init", program.workspace, "--no-keyring", "--person", "Erika Beispiel", "--role", "credit-manager")
    run("import", folder)
    run("import", home / "table.csv", "--mapping", home / "table.toml", statuses=(0, 1))
    run("score", "--all")
    run("score", "mateo")
    run("confirm", "mateo", "income.net_monthly_stated", "--value", "2000", "--note", "read from the contract")
    run("opinion", "mateo", "--outcome", "approve")
    run("draft", "mateo", "--model", "none")
    run("decide", "mateo", "--outcome", "decline", "--reason", "Short history.", "--override", "No room is left.")
    run("draft", "T-2", "--model", "none", statuses=(0, 1))
    run("outcomes", "import", home / "outcomes.csv", statuses=(0, 1))
    run("scorecard", "add", "credit-data", statuses=(0, 1))
    run("lender", "--name", "Beispielbank", "--address", "Marktplatz 1", "--phone", "030 123")
    policy = next((program._folder / "data" / "policies").glob("*.json"))
    run("policy", "add", policy, statuses=(0, 1, 2))
    run("export", "mateo", "--out", home / "mateo.cwz")


WRITE_OUT = """
import base64, os, sys
from pathlib import Path
import duckdb
from app.adapters.keys import unlock_key
from data.database import extension_file
workspace, out = Path(sys.argv[1]), sys.argv[2]
db = duckdb.connect()
db.execute(f"LOAD '{extension_file()}'")
key = base64.b64encode(unlock_key(workspace / "workspace.json", None)).decode()
db.execute(f"ATTACH '{workspace / 'workspace.duckdb'}' AS ws (ENCRYPTION_KEY '{key}', ENCRYPTION_CIPHER 'GCM')")
rows = eval(sys.argv[3])
empty = []
for (table,) in db.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'ws'").fetchall():
    if not db.execute(f'SELECT count(*) FROM ws."{table}"').fetchone()[0]:
        if table not in rows:
            empty.append(table)
            continue
        values = rows[table]
        db.execute(f'INSERT INTO ws."{table}" VALUES ({", ".join("?" * len(values))})', list(values))
if empty:
    sys.exit(f"nothing is in {empty}")
db.execute(f"EXPORT DATABASE ws TO '{out}' (FORMAT parquet, COMPRESSION zstd)")
"""


def written_out(program: Checkout, out: Path) -> None:
    program.python(WRITE_OUT, program.workspace, out, repr(BY_HAND))
    (out / "load.sql").unlink()  # it names folders of this machine


def expected(program: Checkout) -> dict[str, object]:
    """What this version shows of its workspace."""
    return {
        "cases": json.loads(program.run("cases", "--json")),
        "mateo": json.loads(program.run("show", "mateo", "--json")),
    }


def cut_back(out: Path, schema: Path, version: int) -> None:
    """Leave out of a written-out database what migrations after ``version`` added."""
    import duckdb

    db = duckdb.connect()
    for number in range(1, version + 1):
        db.execute(next(schema.glob(f"{number:03}_*.sql")).read_text())
    db.execute("CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)")
    tables = [name for (name,) in db.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    for table in tables:
        file = out / f"{table}.parquet"
        have = {row[0] for row in db.execute(f"DESCRIBE FROM '{file}'").fetchall()}
        for name, kind in db.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{file}')").fetchall():
            known = {row[0] for row in db.execute(f'DESCRIBE "{table}"').fetchall()}
            if name not in known and table == "application_rows":  # columns that came with a table of applications
                db.execute(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
        known = [row[0] for row in db.execute(f'DESCRIBE "{table}"').fetchall()]
        names = ", ".join(f'"{name}"' for name in known if name in have)
        db.execute(f"INSERT INTO \"{table}\" BY NAME SELECT {names} FROM '{file}'")
    db.execute("DELETE FROM schema_version WHERE version > ?", [version])
    shutil.rmtree(out)
    db.execute(f"EXPORT DATABASE memory TO '{out}' (FORMAT parquet, COMPRESSION zstd)")
    (out / "load.sql").unlink()


def packed(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(str(file.relative_to(folder)), FIXED_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--up-to", type=int, metavar="N")
    given = parser.parse_args()
    checkout = given.checkout.resolve()
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        program = Checkout(checkout, home)
        work(program, made_papers(checkout, home), home)
        fixture = home / "fixture"
        fixture.mkdir()
        shown = expected(program)
        written_out(program, fixture / "database")
        if given.up_to:
            cut_back(fixture / "database", checkout / "data" / "schema", given.up_to)
        (fixture / "expected.json").write_text(json.dumps(shown, indent=1, sort_keys=True, ensure_ascii=False))
        for name in ("originals", "keys"):
            shutil.copytree(program.workspace / name, fixture / name)
        shutil.copy(program.workspace / "workspace.json", fixture)
        packed(fixture, given.out)
    found = max(int(file.name[:3]) for file in (checkout / "data" / "schema").glob("[0-9]*_*.sql"))
    print(f"{given.out}: schema {given.up_to or found}, {given.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
