"""The files a catalog names: data and deletes of every snapshot it still has, each written once and never changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from insights.errors import BackupError

NAMED = """
SELECT s.path, s.path_is_relative, t.path, t.path_is_relative, f.path, f.path_is_relative, f.file_size_bytes
FROM (
    SELECT table_id, path, path_is_relative, file_size_bytes FROM ducklake_data_file
    UNION ALL SELECT table_id, path, path_is_relative, file_size_bytes FROM ducklake_delete_file
) f
JOIN (SELECT DISTINCT table_id, schema_id, path, path_is_relative FROM ducklake_table) t ON t.table_id = f.table_id
JOIN (SELECT DISTINCT schema_id, path, path_is_relative FROM ducklake_schema) s ON s.schema_id = t.schema_id
"""
SEALED = "SELECT value FROM ducklake_metadata WHERE key = 'encrypted'"
FORGET_DELETIONS = "DELETE FROM ducklake_files_scheduled_for_deletion"  # of files that no snapshot has: not in a backup
Ask = Callable[[str], Sequence[Sequence[Any]]]


def named_files(ask: Ask) -> dict[str, int]:
    """Size in bytes by path below the lake's files, as the catalog that `ask` reads has them.

    Raises BackupError for a file that stands elsewhere.
    """
    found = {}
    for *parts, size in ask(NAMED):
        if not all(parts[1::2]):
            raise BackupError(f"The lake's catalog names {''.join(parts[::2])}, outside the lake's own files.")
        found["".join(parts[::2])] = int(size)
    return dict(sorted(found.items()))


def is_sealed(ask: Ask) -> bool:
    """Whether the lake's files are encrypted."""
    return [str(row[0]) for row in ask(SEALED)] == ["true"]
