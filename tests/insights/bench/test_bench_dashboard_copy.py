"""The dashboard's benchmark writes in a copy of the lake: what was made once stays as it is."""

from __future__ import annotations

from pathlib import Path

from insights.bench.dashboard import LAKE, million, to_write_in
from insights.ledger.ledger import ledger_url


def made(folder: Path) -> Path:
    """A folder that looks like a lake which is there already."""
    files = folder / "data" / "lake" / "files"
    files.mkdir(parents=True)
    (folder / "keys").mkdir()
    (files / "one.parquet").write_bytes(b"rows")
    for name in ("lake/catalog.sqlite", "ledger.sqlite"):
        (folder / "data" / name).write_bytes(b"state")
    return folder


def test_a_lake_that_is_there_is_taken_and_linked_not_written(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(LAKE, str(made(tmp_path / "given")))
    given = million(lambda _said: None)
    copy = to_write_in(given, tmp_path / "run")
    assert given.data_dir == tmp_path / "given" / "data"
    assert copy.data_dir == tmp_path / "run" / "data" and copy.keys_dir == given.keys_dir
    assert (copy.lake_dir / "files" / "one.parquet").samefile(given.lake_dir / "files" / "one.parquet")
    (copy.lake_dir / "catalog.sqlite").write_bytes(b"another state")
    assert (given.lake_dir / "catalog.sqlite").read_bytes() == b"state"
    assert ledger_url(copy) == f"sqlite:///{tmp_path / 'run' / 'data' / 'ledger.sqlite'}"
