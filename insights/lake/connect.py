"""A DuckDB connection with the lake attached, offline: extensions come from registry wheels, never from a download."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import duckdb
from filelock import FileLock

from insights.errors import LakeError
from insights.lake.files import lake_files
from insights.lake.place import catalog_file, conninfo, files_root, there, told
from insights.settings import Settings

ALIAS = "lake"
S3_RETRIES = 6  # 0.1 to 3.2 s apart: one call in ten that fails is not noticed, a store that is down is told in 7 s
_checked: set[tuple[str, int, int, int]] = (
    set()
)  # extension files whose signature this process has checked: 0.25 s a file


def extensions(settings: Settings) -> tuple[str, ...]:
    """The extensions of DuckDB that these settings ask for."""
    catalog = "postgres_scanner" if settings.catalog_url else "sqlite_scanner"
    chain = ("aws",) if settings.s3_credentials == "chain" else ()
    return ("ducklake", catalog, *(("httpfs", *chain) if settings.files_url else ()))


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
    if settings.restoring.exists():
        raise LakeError(f"A restore into {settings.data_dir} has not ended: run `voc restore` again, it goes on.")
    if read_only and not there(settings):
        raise LakeError(f"There is no lake at {told(settings)} yet: run `voc ingest` or `voc run` first.")
    connection = unattached(settings)
    try:
        attach(connection, settings, ALIAS, read_only=read_only)
        connection.execute(f"USE {ALIAS}")
    except duckdb.Error as error:  # the first look at the catalog, which somebody may hold
        connection.close()
        raise LakeError(f"The lake at {told(settings)} cannot be opened: {error}") from error
    except BaseException:
        connection.close()
        raise
    return connection


def unattached(*lakes: Settings) -> duckdb.DuckDBPyConnection:
    """A new connection in UTC, to which these lakes can be attached."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "extension_directory": str(lakes[0].extension_dir),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_unsigned_extensions": str(all(map(_all_checked, lakes))).lower(),
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def attach(connection: duckdb.DuckDBPyConnection, settings: Settings, alias: str, *, read_only: bool) -> None:
    """Attach the lake of these settings under a name. Its files lie where the settings say: one that was moved opens.

    Raises LakeError, in which no secret stands.
    """
    settings.lake_dir.mkdir(parents=True, exist_ok=True)
    if settings.files_url and not there(settings) and lake_files(settings)[1]:
        raise LakeError(
            f"Files of another lake lie at {settings.files_url}, and the catalog at {settings.catalog_url or 'data_dir'} "
            "is new: name an empty bucket or prefix. Nothing was written."
        )
    options = [f"DATA_PATH '{_quoted(files_root(settings))}/'", "OVERRIDE_DATA_PATH true"]
    options += ["READ_ONLY"] if read_only else []
    if settings.catalog_url:
        catalog = f"postgres:{_quoted(conninfo(settings))}"
    else:
        catalog = f"sqlite:{_quoted(catalog_file(settings))}"
        options += [] if read_only else ["META_JOURNAL_MODE 'WAL'"]
    try:
        for name in extensions(settings):
            _load(connection, name, settings)
        _checked.update(_marks(settings))
        if settings.files_url:
            sign(connection, settings, alias)
        connection.execute(f"ATTACH 'ducklake:{catalog}' AS {alias} ({', '.join(options)})")
    except duckdb.Error as error:
        raise LakeError(f"The lake at {told(settings)} cannot be opened: {error}") from error


def sign(connection: duckdb.DuckDBPyConnection, settings: Settings, alias: str) -> None:
    """Give the connection what it needs to ask the bucket, in place of what it had.

    Raises LakeError, in which the secret does not stand.
    """
    options = {
        "REGION": settings.s3_region,
        "URL_STYLE": "path" if settings.s3_path_style else "vhost",
        "SCOPE": files_root(settings),
    }
    if settings.s3_endpoint:
        options["ENDPOINT"] = settings.s3_endpoint
    if settings.s3_credentials == "chain":
        options |= {"PROVIDER": "credential_chain", "REFRESH": "auto"}
    elif settings.s3_key_id:
        options["KEY_ID"] = settings.s3_key_id
        options["SECRET"] = settings.s3_secret.get_secret_value() if settings.s3_secret else ""
    given = ", ".join(f"{name} '{_quoted(value)}'" for name, value in options.items())
    try:
        tls = str(settings.s3_tls).lower()
        connection.execute(f"CREATE OR REPLACE SECRET {alias}_files (TYPE s3, USE_SSL {tls}, {given})")
    except duckdb.Error as error:
        found = " found no keys or" if settings.s3_credentials == "chain" else ""
        raise LakeError(f"DuckDB{found} cannot use the S3 settings ({type(error).__name__}): see VOC_S3_*.") from None
    connection.execute(f"SET http_retries = {S3_RETRIES}")
    connection.execute("SET http_retry_backoff = 2")


def _marks(settings: Settings) -> list[tuple[str, int, int, int]]:
    """Path, inode, size and time of change of each installed extension file."""
    installed = settings.extension_dir / f"v{duckdb.__version__}"
    files = [path for name in extensions(settings) for path in sorted(installed.glob(f"*/{name}.duckdb_extension"))]
    return [(str(path), (seen := path.stat()).st_ino, seen.st_size, seen.st_mtime_ns) for path in files]


def _all_checked(settings: Settings) -> bool:
    """True when DuckDB has checked the makers' signatures of these very files in this process already."""
    marks = _marks(settings)
    return len(marks) >= len(extensions(settings)) and _checked.issuperset(marks)


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


def _quoted(value: Path | str) -> str:
    """A value for a place where DuckDB takes no parameter (ATTACH, INSTALL, CREATE SECRET)."""
    return str(value).replace("'", "''")
