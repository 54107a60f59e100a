"""The whole chain with every secret set, and deliveries that fail: no output, log, file, row or backup holds one."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
import yaml
from chain import ROOT, environment
from stores_servers import free_port
from test_secrets import DICTS, MARK, WHSEC, every_secret

from insights.settings import Settings
from insights.simulate import write

pytestmark = pytest.mark.faults
FORMS = tuple(
    form.encode()
    for form in (
        MARK,
        WHSEC.removeprefix("whsec_")[:16],
        base64.b64encode(f"voc:{MARK}".encode()).decode()[6:18],
        quote(MARK),
    )
)
COMMANDS = (
    ("doctor",), ("keys", "list"), ("outbox", "list"), ("outbox", "test", "tours_slack", "--send"), ("outbox", "dead"),
    ("pull", "mastodon"), ("digest", "--send"), ("migrate", "--ledger-url", f"postgresql+psycopg://voc:{MARK}@127.0.0.1:1/x"),
)  # fmt: skip


@pytest.fixture
def secretive(settings: Settings, tmp_path: Path) -> dict[str, str]:
    """The environment of a company whose every secret is set and whose every address is a closed port of this machine."""
    closed = f"127.0.0.1:{free_port()}"
    reference = tmp_path / "reference"
    reference.mkdir()
    for path in settings.reference_dir.iterdir():
        if path.is_file():
            (reference / path.name).write_bytes(path.read_bytes())
        else:
            (reference / path.name).symlink_to(path)
    named = yaml.safe_load((reference / "endpoints.yaml").read_text(encoding="utf-8"))
    for name, entry in named["endpoints"].items():
        entry["enabled"] = name in DICTS["outbox_secrets"] or entry["kind"] == "mail"
        entry["allow_private"] = ["127.0.0.1"]
        if "url" in entry:
            entry["url"] = f"https://{closed}"
    named["told"]["teams"].pop("solidarity")
    (reference / "endpoints.yaml").write_text(yaml.safe_dump(named), encoding="utf-8")
    asked = {"mastodon": {"url": f"http://{closed}/api/v1/timelines/tag/voc"}}
    (reference / "sources.yaml").write_text(yaml.safe_dump(asked), encoding="utf-8")
    given = environment(settings.model_copy(update={"reference_dir": reference}))
    for name, found in every_secret().items():
        given[f"VOC_{name.upper()}"] = json.dumps(found) if isinstance(found, dict) else str(found)
    given |= {"VOC_S3_KEY_ID": "id", "PGPASSWORD": f"{MARK}database", "AWS_SECRET_ACCESS_KEY": f"{MARK}cloud"}
    given |= {"VOC_WEBHOOK_URL": f"https://{closed}/voc", "VOC_WEBHOOK_ALLOW_PRIVATE": "true", "VOC_DRY_RUN": "false"}
    return given | {"VOC_SMTP_HOST": "127.0.0.1", "VOC_SMTP_PORT": closed.partition(":")[2], "VOC_SMTP_USER": "voc"}


def told(given: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "insights.cli.main", *arguments]
    return subprocess.run(command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def readable(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder as it lies, and what is packed in it as text."""
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()):
        content = path.read_bytes()
        yield str(path), content
        if content[:4] == b"PAR1":
            yield f"{path} unpacked", repr(pq.read_table(path).to_pydict()).encode()


def holding(told_by: Iterator[tuple[str, bytes]]) -> list[str]:
    return [place for place, content in told_by if any(form in content for form in FORMS)]


def test_a_whole_run_leaves_no_secret_anywhere(secretive: dict[str, str], settings: Settings, tmp_path: Path) -> None:
    write("small", tmp_path / "company")
    ran = told(secretive, "run", str(tmp_path / "company" / "exports"))
    assert ran.returncode == 1 and b"voc: The mail relay 127.0.0.1" in ran.stdout, (
        ran.stdout.decode()
    )  # all before it is done
    said = {"run": ran.stdout} | {" ".join(command): told(secretive, *command).stdout for command in COMMANDS}
    said["backup"] = told(secretive, "backup", str(tmp_path / "backups")).stdout
    assert b"Backup 2" in said["backup"], said["backup"]
    assert holding(iter(said.items())) == []
    for folder in (settings.data_dir, tmp_path / "backups"):
        assert holding(readable(folder)) == []
    with sqlite3.connect(settings.data_dir / "ledger.sqlite") as ledger:
        tried = ledger.execute("SELECT count(*) FROM event WHERE kind LIKE 'delivery.%'").fetchone()[0]
    assert tried > 0  # deliveries were tried with their secrets, and failed


def test_the_search_finds_what_is_planted(tmp_path: Path) -> None:
    """What would be found: plain, in a packed column, in a header of basic authentication."""
    import pandas as pd

    (tmp_path / "log").write_bytes(b"said " + FORMS[0])
    (tmp_path / "head").write_bytes(b"Basic " + base64.b64encode(f"voc:{MARK}x".encode()))
    pd.DataFrame({"said": [MARK] * 500}).to_parquet(tmp_path / "rows.parquet")
    assert {Path(one.split()[0]).name for one in holding(readable(tmp_path))} == {"log", "head", "rows.parquet"}
