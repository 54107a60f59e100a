"""A DuckDB connection with the lake attached, offline: extensions come from registry wheels, never from a download."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import duckdb
from filelock import FileLock

from insights.errors import LakeError
from insights.settings import Settings

EXTENSIONS = ("ducklake", "sqlite_scanner")
ALIAS = "lake"
_checked: set[tuple[str, int, int, int]] = (
    set()
)  # extension files whose signature this process has checked: 0.25 s a file


def wheel_extension(name: str) -> Path:
    """File of an extension inside its registry wheel. DuckDB checks its makers' signature when it loads it."""
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    version = duckdb.__version__
    if spec is None or spec.origin is None:
        raise LakeError(f"The package duckdb-extension-{name.replace('_', '-')} is missing: install it at =={version}.")
    path = Path(spec.origin).parent / "extensions" / f"v{version}" / f"{name}.duckdb_extension"
    if not path.is_file():
        raise LakeError(
            f"{path} is missing: duckdb {version} needs duckdb-extension-{name.replace('_', '-')}=={version}."
        )
    return path


def connect(settings: Settings, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A new connection, lake attached and in use, session in UTC.

    Raises LakeError when the lake cannot be opened, or does not exist and `read_only` is asked.
    """
    catalog = settings.lake_dir / "catalog.sqlite"
    if read_only and not catalog.is_file():
        raise LakeError(f"There is no lake at {settings.lake_dir} yet: run `voc ingest` or `voc run` first.")
    settings.lake_dir.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        ":memory:",
        config={
            "extension_directory": str(settings.extension_dir),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_unsigned_extensions": str(_all_checked(settings)).lower(),
        },
    )
    try:
        for name in EXTENSIONS:
            _load(connection, name, settings)
        _checked.update(_marks(settings))
        connection.execute("SET TimeZone = 'UTC'")
        # the files lie beside their catalog: a folder that was moved or restored elsewhere opens as it is
        files = f"DATA_PATH '{_quoted(settings.lake_dir / 'files')}/', OVERRIDE_DATA_PATH true"
        mode = f"{files}, READ_ONLY" if read_only else f"{files}, META_JOURNAL_MODE 'WAL'"
        connection.execute(f"ATTACH 'ducklake:sqlite:{_quoted(catalog)}' AS {ALIAS} ({mode})")
        connection.execute(f"USE {ALIAS}")
    except duckdb.Error as error:
        connection.close()
        raise LakeError(f"The lake at {settings.lake_dir} cannot be opened: {error}") from error
    return connection


def _marks(settings: Settings) -> list[tuple[str, int, int, int]]:
    """Path, inode, size and time of change of each installed extension file."""
    installed = settings.extension_dir / f"v{duckdb.__version__}"
    files = [path for name in EXTENSIONS for path in sorted(installed.glob(f"*/{name}.duckdb_extension"))]
    return [(str(path), (seen := path.stat()).st_ino, seen.st_size, seen.st_mtime_ns) for path in files]


def _all_checked(settings: Settings) -> bool:
    """True when DuckDB has checked the makers' signatures of these very files in this process already."""
    marks = _marks(settings)
    return len(marks) >= len(EXTENSIONS) and _checked.issuperset(marks)


def _load(connection: duckdb.DuckDBPyConnection, name: str, settings: Settings) -> None:
    """Load an extension, installing it from its wheel when this data folder has not seen this version."""
    folder = settings.extension_dir
    installed = folder / f"v{duckdb.__version__}"
    if not list(installed.glob(f"*/{name}.duckdb_extension")):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "install.lock"):
            if shutil.disk_usage(folder).free < 200 * 1024 * 1024:
                raise LakeError(f"Less than 200 MB free at {folder}: DuckDB's extensions need room.")
            connection.execute(f"INSTALL '{_quoted(wheel_extension(name))}'")
    connection.execute(f"LOAD {name}")


def _quoted(path: Path) -> str:
    """A path for a place where DuckDB takes no parameter (ATTACH, INSTALL)."""
    return str(path).replace("'", "''")
