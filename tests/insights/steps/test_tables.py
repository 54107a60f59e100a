"""CRM tables by mapping: any delimiter and wording, and queries of real databases, read twice without a change."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from insights.errors import SourceError
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.sources.tables import read_table
from insights.sources.tables_query import is_table_mapping, load_table_mapping, read_query, source_of, table_source
from insights.steps.tables import ingest_mapped, ingest_query, ingest_tables, table_mappings

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
POSTGRES = Path("/usr/lib/postgresql")
CONTACTS = """
CREATE TABLE appels (id TEXT, client TEXT, mail TEXT, nom TEXT, debut TEXT, attente TEXT, transfert TEXT, perdu TEXT,
                     canal TEXT);
INSERT INTO appels VALUES
 ('K1', 'C1', 'odile@example.org', 'Marchand', '2026-10-20 09:30:00', '95', 'oui', 'non', 'tel'),
 ('K2', 'C2', NULL, NULL, '2026-10-21 10:00:00+00:00', '12.5', 'non', 'oui', 'tel'),
 ('K3', 'C3', NULL, NULL, 'hier', '1', 'non', 'non', 'tel'),
 ('K4', 'C4', NULL, NULL, '2026-10-22 10:00:00', '1', 'non', 'non', 'fax');
"""
QUERY = {
    "table": "contact",
    "source": "appels_sql",
    "query": "SELECT * FROM appels WHERE debut >= :since OR debut = 'hier' ORDER BY id",
    "cursor": "debut",
    "columns": {
        "contact_id": "id",
        "customer_id": "client",
        "occurred_at": "debut",
        "wait_seconds": "attente",
        "transferred": "transfert",
        "abandoned": "perdu",
        "channel": "canal",
    },
    "identities": {"email": "mail", "last_name": "nom"},
    "values": {"channel": {"Tel": "phone"}},
    "constants": {"site_country": "FR"},
    "available_delay_days": 0.5,
}
PICTURE = {
    "table": "customer_snapshot",
    "source": "crm_sql",
    "query": "SELECT client, marge FROM clients",
    "columns": {"customer_id": "client", "margin_eur_year": "marge"},
    "as_of": "business_day",
}


@pytest.fixture
def mapped(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """A mapping file with this content."""

    def write(content: dict[str, Any]) -> Path:
        path = tmp_path / "reference" / "tables" / f"{content.get('source', 'x')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return path

    return write


@pytest.fixture
def stores(settings: Settings, tmp_path: Path) -> Iterator[tuple[Lake, Ledger]]:
    """A lake and a ledger beside a SQLite database of contacts and customers."""
    address = f"sqlite:///{tmp_path / 'crm.sqlite'}"
    with sqlite3.connect(tmp_path / "crm.sqlite") as database:
        database.executescript(CONTACTS)
        database.executescript(
            "CREATE TABLE clients (client TEXT, marge REAL); INSERT INTO clients VALUES ('C1', 73.5)"
        )
    database.close()
    tokens = {"appels_sql": SecretStr(address), "crm_sql": SecretStr(address)}
    shutil.copytree(settings.reference_dir, tmp_path / "reference", ignore=shutil.ignore_patterns("tables"))
    ready = settings.model_copy(update={"pull_tokens": tokens, "reference_dir": tmp_path / "reference"})
    with open_lake(ready) as lake, open_ledger(ready) as ledger:
        yield lake, ledger


def test_a_query_fills_the_table_once_and_then_by_its_cursor(
    stores: tuple[Lake, Ledger], mapped: Callable[[dict[str, Any]], Path], tmp_path: Path
) -> None:
    lake, ledger = stores
    mapping = load_table_mapping(mapped(QUERY))
    report = ingest_query(lake, ledger, mapping, run_id="r1")
    assert (report.n_in, report.n_out, report.n_quarantined) == (4, 2, 2)
    rows = lake.read("SELECT * FROM contact ORDER BY contact_id").to_dict("records")
    assert [str(row["occurred_at"]) for row in rows] == ["2026-10-20 07:30:00+00:00", "2026-10-21 10:00:00+00:00"]
    assert str(rows[0]["available_at"]) == "2026-10-20 19:30:00+00:00"
    assert [(row["wait_seconds"], row["transferred"], row["abandoned"]) for row in rows] == [
        (95.0, True, False),
        (12.5, False, True),
    ]
    assert {(row["channel"], row["site_country"]) for row in rows} == {("phone", "FR")}
    refused = lake.read("SELECT reason FROM quarantine ORDER BY reason")["reason"]
    assert list(refused) == ["bad_channel", "bad_occurred_at"]
    assert ledger.customers_of(["odile@example.org"]) == {"odile@example.org": "C1"}
    assert ledger.names_of(["C1"])["C1"]

    with sqlite3.connect(tmp_path / "crm.sqlite") as database:
        database.execute("UPDATE appels SET debut = '2026-10-23 08:00:00' WHERE id = 'K3'")
    database.close()
    again = ingest_query(lake, ledger, mapping, run_id="r2")
    assert (again.n_in, again.n_out) == (3, 1)  # the last one and the refused one come again
    assert ingest_query(lake, ledger, mapping, run_id="r3").n_out == 0
    assert len(lake.read("SELECT * FROM quarantine")) == 2
    assert lake.check_keys() == []


def test_each_days_picture_is_archived(
    stores: tuple[Lake, Ledger], mapped: Callable[[dict[str, Any]], Path], tmp_path: Path
) -> None:
    lake, ledger = stores
    mapping = load_table_mapping(mapped(PICTURE))
    assert ingest_query(lake, ledger, mapping, run_id="r1").n_out == 1
    assert ingest_query(lake, ledger, mapping, run_id="r2").n_out == 0
    with sqlite3.connect(tmp_path / "crm.sqlite") as database:
        database.execute("UPDATE clients SET marge = 10")
    database.close()
    lake.settings = lake.settings.model_copy(update={"as_of": date(2026, 11, 1)})
    assert ingest_query(lake, ledger, mapping, run_id="r3").n_out == 1
    found = lake.read("SELECT as_of, available_at, margin_eur_year FROM customer_snapshot ORDER BY as_of")
    assert found["margin_eur_year"].tolist() == [73.5, 10.0]
    assert found["available_at"].notna().all()


def test_all_mapped_tables_that_are_due_are_read(
    stores: tuple[Lake, Ledger], mapped: Callable[[dict[str, Any]], Path]
) -> None:
    lake, ledger = stores
    mapped(QUERY)
    mapped(PICTURE)
    mapped(PICTURE | {"source": "no_address"})
    assert len(table_mappings(lake.settings)) == 3
    said: list[str] = []
    report = ingest_tables(lake, ledger, run_id="r", say=said.append)
    assert report.note == {"tables": 2, "failed": ["no_address"]} and report.n_out == 3
    assert any("VOC_PULL_TOKENS" in line for line in said)
    assert ingest_tables(lake, ledger, run_id="r2", say=said.append).note["tables"] == 0


def test_departures_in_a_french_export(
    stores: tuple[Lake, Ledger], mapped: Callable[[dict[str, Any]], Path], tmp_path: Path
) -> None:
    lake, ledger = stores
    path = mapped(
        {
            "table": "churn_event",
            "source": "resiliations",
            "files": "resiliations_*.csv",
            "delimiter": "|",
            "encoding": "cp1252",
            "decimal": ",",
            "date_formats": ["%d/%m/%Y"],
            "columns": {"customer_id": "Réf", "learned_on": "Appris le", "cause": "Motif", "reason": "Détail"},
            "values": {"cause": {"Résilié": "chosen", "Déménagement": "natural", "Impayé": "unpaid", "Décès": "death"}},
        }
    )
    export = tmp_path / "resiliations_10.csv"
    export.write_bytes(
        "Réf|Appris le|Motif|Détail|Nom\nC1|03/10/2026|résilié|trop cher|Marchand\nC2|04/10/2026|DÉCÈS||\n"
        "C3|2026-10-05|Impayé||\nC4|06/10/2026|Autre||\n".encode("cp1252")
    )
    report = ingest_mapped(lake, ledger, path, [export], run_id="r")
    assert (report.n_out, report.n_quarantined) == (2, 2)
    found = lake.read("SELECT customer_id, learned_on, cause, available_at FROM churn_event ORDER BY customer_id")
    assert found["cause"].tolist() == ["chosen", "death"]
    assert str(found["learned_on"][0])[:10] == "2026-10-03"
    assert found["available_at"].notna().all()
    with pytest.raises(SourceError, match="say which ones"):
        ingest_mapped(lake, ledger, path, [], run_id="r")


def test_the_day_of_a_picture_is_in_its_files_name(mapped: Callable[[dict[str, Any]], Path], tmp_path: Path) -> None:
    files = {key: value for key, value in PICTURE.items() if key != "query"} | {"as_of": "file", "files": "*.csv"}
    source = table_source(load_table_mapping(mapped(files)))
    for name in ("clients-20261031.csv", "clients.csv"):
        (tmp_path / name).write_text("client;marge\nC1;5\n", encoding="utf-8")
    assert read_table(source, tmp_path / "clients-20261031.csv").rows["as_of"].tolist() == [date(2026, 10, 31)]
    with pytest.raises(SourceError, match="no day"):
        read_table(source, tmp_path / "clients.csv")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("tables/*.yaml")), ids=lambda path: path.stem)
def test_the_examples_can_be_read(path: Path) -> None:
    assert is_table_mapping(path)
    assert table_source(load_table_mapping(path)).table in {"customer_snapshot", "churn_event", "invitation", "contact"}
    assert source_of(path).name == load_table_mapping(path).source
    assert not is_table_mapping(EXAMPLES / "satisfaction.yaml")
    assert source_of(EXAMPLES / "satisfaction.yaml").name == "satisfaction_csv"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"query": "DELETE FROM appels"}, "one SELECT"),
        ({"query": "SELECT 1; DROP TABLE appels"}, "one SELECT"),
        ({"query": "-- SELECT\nUPDATE appels SET id = 1"}, "one SELECT"),
        ({"files": "*.csv"}, "either files or query"),
        ({"as_of": "file"}, "as_of"),
        ({"columns": {"customer_id": "client"}}, "contact_id"),
        ({"columns": QUERY["columns"] | {"colour": "x"}}, "no column colour"),  # type: ignore[operator]
        ({"colour": 1}, "colour"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(
    mapped: Callable[[dict[str, Any]], Path], change: dict[str, Any], said: str
) -> None:
    path = mapped(QUERY | change)
    assert is_table_mapping(path)
    with pytest.raises(SourceError, match=said):
        load_table_mapping(path)


def test_a_database_that_cannot_be_read_is_said(mapped: Callable[[dict[str, Any]], Path], tmp_path: Path) -> None:
    mapping = load_table_mapping(mapped(QUERY))
    for url in ("nonsense", "nosuchdb://x/y", f"sqlite:///{tmp_path / 'empty.sqlite'}"):
        with pytest.raises(SourceError, match="VOC_PULL_TOKENS"):
            list(read_query(mapping, url, date(2026, 10, 31)))


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The address of a real Postgres of our own on a socket; skips where none is installed."""
    folders = sorted(POSTGRES.glob("*/bin"))
    if not folders or os.geteuid() == 0 and shutil.which("runuser") is None:
        pytest.skip(f"no Postgres below {POSTGRES}")
    home = Path(tempfile.mkdtemp(prefix="voc-pg-"))
    before: list[str] = []
    if os.geteuid() == 0:  # Postgres refuses to run as root
        shutil.chown(home, "nobody")
        before = ["runuser", "-u", "nobody", "--"]

    def run(tool: str, *arguments: str) -> None:
        subprocess.run([*before, str(folders[-1] / tool), *arguments], check=True, stdout=subprocess.DEVNULL, cwd=home)

    data = home / "data"
    run("initdb", "-D", str(data), "-U", "voc", "--auth=trust", "--no-sync")
    run("pg_ctl", "-D", str(data), "-w", "-l", str(home / "log"), "-o", f"-k {home} -c listen_addresses=''", "start")
    try:
        yield f"postgresql+psycopg://voc@/postgres?host={home}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


def test_postgres_is_read_in_chunks_with_its_own_types_and_never_written(
    postgres: str, mapped: Callable[[dict[str, Any]], Path]
) -> None:
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE appels (id int, client text, debut timestamptz, attente numeric, perdu bool)")
        )
        connection.execute(text("CREATE SEQUENCE steps"))
        connection.execute(
            text(
                "INSERT INTO appels SELECT n, 'C' || n, timestamptz '2026-10-01 08:00+00' + n * interval '1 hour', "
                "n + 0.5, n % 2 = 0 FROM generate_series(1, 25) n"
            )
        )
    engine.dispose()
    columns = {"contact_id": "id", "customer_id": "client", "occurred_at": "debut", "wait_seconds": "attente"}
    content = QUERY | {"columns": columns | {"abandoned": "perdu"}, "identities": {}, "values": {}}
    mapping = load_table_mapping(mapped(content | {"query": "SELECT * FROM appels WHERE debut > :since ORDER BY id"}))
    batches = list(read_query(mapping, postgres, date(2026, 10, 31), chunk=10))
    assert [len(batch.rows) for batch, _ in batches] == [10, 10, 5]
    first = batches[0][0].rows.iloc[0]
    assert (str(first["occurred_at"]), first["wait_seconds"]) == ("2026-10-01 09:00:00+00:00", 1.5)
    assert list(read_query(mapping, postgres, date(2026, 10, 31), since=batches[-1][1])) == []

    by_number = content | {"query": "SELECT * FROM appels WHERE id > :since", "cursor": "id", "cursor_start": 9}
    numbered = load_table_mapping(mapped(by_number))
    found = list(read_query(numbered, postgres, date(2026, 10, 31)))
    assert [(len(batch.rows), highest) for batch, highest in found] == [(16, "25")]
    assert list(read_query(numbered, postgres, date(2026, 10, 31), since="25")) == []

    for query in (
        "WITH gone AS (DELETE FROM appels RETURNING *) SELECT * FROM gone",
        "SELECT setval('steps', 9) AS id",
    ):
        with pytest.raises(SourceError, match="read-only|data-modifying"):
            list(read_query(load_table_mapping(mapped(content | {"query": query})), postgres, date(2026, 10, 31)))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM appels")).scalar() == 25
    engine.dispose()
