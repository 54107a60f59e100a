"""Where the lake stands: its catalog in a SQLite file or a Postgres database, its files in a folder or behind S3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insights.errors import LakeError, MissingExtraError
from insights.settings import Settings

if TYPE_CHECKING:
    import psycopg

# a server that is gone, or a row that somebody locked, is told in about a minute, not in the hours of the defaults
PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "options": "-c lock_timeout=60s",
}


def catalog_file(settings: Settings) -> Path:
    """The catalog, where no Postgres is set."""
    return settings.lake_dir / "catalog.sqlite"


def files_root(settings: Settings) -> str:
    """What the lake's files lie below: an s3:// address or a folder, without a slash at its end.

    Never one folder for two catalogs: the cleaning of the one would delete the files of the other.
    """
    folder = settings.lake_dir / ("files-of-postgres" if settings.catalog_url else "files")
    return settings.files_url.rstrip("/") or str(folder)


def told(settings: Settings) -> str:
    """The lake's place in a sentence; there is no password in it."""
    files = f", files at {settings.files_url}" if settings.files_url else ""
    return f"{settings.catalog_url or settings.lake_dir}{files}"


def lake_id(settings: Settings) -> tuple[str, int]:
    """What tells one lake from another, and from the one that stood in its place before (the catalog file's inode).

    Raises FileNotFoundError for a SQLite catalog that is not there.
    """
    if settings.catalog_url:
        return settings.catalog_url, 0
    return str(settings.data_dir), catalog_file(settings).stat().st_ino


def there(settings: Settings) -> bool:
    """Whether a lake stands at the place that is set. Raises LakeError when its Postgres does not answer."""
    if not settings.catalog_url:
        return catalog_file(settings).is_file()
    with catalog_connection(settings) as connection:
        return asked(connection, "SELECT to_regclass('ducklake_metadata') IS NOT NULL")[0][0] is True


def conninfo(settings: Settings) -> str:
    """libpq's description of the catalog's database; libpq takes the password from PGPASSWORD or ~/.pgpass."""
    driver = _driver()
    try:
        given = driver.conninfo.conninfo_to_dict(settings.catalog_url)
        return str(driver.conninfo.make_conninfo("", **{**PATIENCE, **given}))
    except driver.Error as error:
        raise LakeError(f"VOC_CATALOG_URL ({settings.catalog_url}) is no address of a Postgres: {error}") from error


@contextmanager
def catalog_connection(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own to the catalog's database, in autocommit. Raises LakeError when it cannot be had."""
    driver = _driver()
    try:
        connection = driver.connect(conninfo(settings), autocommit=True)
    except driver.Error as error:
        raise LakeError(f"The lake's catalog at {settings.catalog_url} cannot be reached: {_line(error)}") from error
    try:
        yield connection
    finally:
        connection.close()


def asked(connection: psycopg.Connection[Any], sql: str, *params: Any) -> list[Any]:
    """All rows of a statement on the catalog's database; none where it gives none. Raises LakeError."""
    driver = _driver()
    try:
        done = connection.execute(sql, params or None)
        return list(done.fetchall()) if done.description else []
    except driver.Error as error:
        raise LakeError(f"The lake's catalog refused a statement: {_line(error)}") from error


def catalog_tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Names of DuckLake's own tables, those of inlined rows among them."""
    found = asked(
        connection,
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE 'ducklake\\_%'"
        " ORDER BY 1",
    )
    return [str(name) for (name,) in found]


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _driver() -> Any:
    try:
        import psycopg
        import psycopg.conninfo
    except ImportError as error:
        raise MissingExtraError("A catalog on Postgres needs its extra: pip install -e '.[postgres]'.") from error
    return psycopg
