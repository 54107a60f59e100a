"""The company that is killed: the small demo company, thinned to what a chain of seconds reads, in two deliveries.

FOLDER/first is what the company had; FOLDER/second is the week that comes in while the process is killed;
FOLDER/reference are the files of data/reference, with two owners who get a digest.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from insights.settings import Settings, load_settings
from insights.simulate import write

FIRST_DAY, SECOND_DAY = date(2026, 10, 24), date(2026, 10, 31)
PICTURES, NEWEST_PICTURE = ("2026-08-31", "2026-09-30"), "2026-10-31"
OWNERS = ("billing", "account")
KEEP, SECOND = 0.25, 0.3  # newest share of each file's rows; share of those that come second
PORTS = MAIL, HOOK = "smtp-port", "port"
REFERENCE = Path(__file__).parents[2] / "data" / "reference"


def write_company(folder: Path) -> None:
    """FOLDER/first and FOLDER/second, the same bytes each time."""
    raw = folder / "raw"
    write("small", raw)
    for path in sorted((raw / "exports").rglob("*.*")):
        name = path.relative_to(raw / "exports")
        if path.suffix == ".parquet":
            day = path.stem.rpartition("_")[2]
            wanted = [part for part, days in (("first", PICTURES), ("second", (NEWEST_PICTURE,))) if day in days]
            for part in wanted:
                _put(folder / part / name, path.read_bytes())
        else:
            _halved(path, folder, name)
    shutil.rmtree(raw)
    shutil.copytree(REFERENCE, folder / "reference")
    owners: dict[str, Any] = yaml.safe_load((folder / "reference" / "owners.yaml").read_text(encoding="utf-8"))
    owners["owners"] = {name: owners["owners"][name] for name in OWNERS}
    (folder / "reference" / "owners.yaml").write_text(yaml.safe_dump(owners, allow_unicode=True), encoding="utf-8")


def _halved(path: Path, folder: Path, name: Path) -> None:
    """The newest rows of a text file, the older part of them in `first`."""
    lines = path.read_bytes().splitlines(keepends=True)
    head = lines[:1] if path.suffix == ".csv" else []
    rows = lines[len(head) :]
    rows = rows[-max(int(len(rows) * KEEP), 2) :]
    cut = len(rows) - max(int(len(rows) * SECOND), 1)
    _put(folder / "first" / name, b"".join(head + rows[:cut]))
    _put(folder / "second" / name, b"".join(head + rows[cut:]))


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def settings_of(home: Path, extensions: Path, as_of: date | None = SECOND_DAY) -> Settings:
    """Stores of one company in `home`; what it sends goes to the ports in home/smtp-port and home/port, when there."""
    from insights.bench.outbox_receiver import SECRET

    there = {name: (home / name).read_text(encoding="utf-8") for name in PORTS if (home / name).exists()}
    post: dict[str, Any] = {}
    if there:
        post = {"smtp_host": "127.0.0.1", "smtp_port": int(there[MAIL]), "smtp_starttls": False}
        post |= {"webhook_url": f"http://127.0.0.1:{there[HOOK]}/hooks/callbacks", "webhook_secret": SECRET}
    return load_settings(
        data_dir=home / "data", keys_dir=home / "keys", drop_dir=home / "drop", extension_dir=extensions,
        reference_dir=home / "reference", as_of=as_of, transcript_retention_days=1095, resolution=1.0, workers=1,
        simulated=True, daily_calls=5, webhook_allow_private=True, **post,
    )  # fmt: skip
