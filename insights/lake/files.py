"""The lake's files as they lie, whatever snapshot names them: in a folder, or as objects behind an S3 interface."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pyarrow.fs as pafs

from insights.errors import LakeError
from insights.lake.place import files_root
from insights.settings import Settings


def file_system(settings: Settings) -> tuple[pafs.FileSystem, str]:
    """The lake's files as Arrow sees them, and the path they lie below."""
    if not settings.files_url:
        return pafs.LocalFileSystem(), files_root(settings)
    secret = settings.s3_secret.get_secret_value() if settings.s3_secret else ""
    signed: dict[str, Any] = {"access_key": settings.s3_key_id, "secret_key": secret}
    if not settings.s3_key_id:  # without any Arrow looks where Amazon's tools do
        signed = {} if settings.s3_credentials == "chain" else {"anonymous": True}
    system = pafs.S3FileSystem(
        region=settings.s3_region,
        scheme="https" if settings.s3_tls else "http",
        endpoint_override=settings.s3_endpoint or None,
        force_virtual_addressing=bool(settings.s3_endpoint) and not settings.s3_path_style,
        **signed,
    )
    return system, files_root(settings).removeprefix("s3://")


def lake_files(settings: Settings) -> tuple[pafs.FileSystem, list[pafs.FileInfo]]:
    """Every file below the lake's place, in the order of their paths, and what opens them.

    Raises LakeError when the place cannot be listed.
    """
    system, root = file_system(settings)
    try:
        found = system.get_file_info(pafs.FileSelector(root, recursive=True, allow_not_found=True))
    except OSError as error:
        raise LakeError(f"The lake's files at {files_root(settings)} cannot be listed: {error}") from error
    return system, sorted((one for one in found if one.is_file), key=lambda one: one.path)


def table_of(settings: Settings, path: str) -> str:
    """The table a file belongs to: DuckLake keeps them below <files>/<schema>/<table>."""
    root = files_root(settings).removeprefix("s3://")
    parts = PurePosixPath(path).relative_to(root).parts
    return parts[1] if len(parts) > 2 else parts[-1]
