"""Faults of the machine as sentences for people: no room, no right to write, a database that another process holds.

The stores' libraries each say them in their own way; a traceback tells an operator nothing more.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from insights.errors import VocError

LEAST_MB = 32  # below it nothing is begun: a step that fills the disk leaves the next one no room to say so
NO_ROOM = "There is no room left{where}: make room, then run again. What was committed stays, the rest is done then."
NO_RIGHT = (
    "This user may not write{where}: give the folder to the user that runs voc, or run as that user. Nothing was lost."
)
HELD = "Another process holds the database{where}: wait for it, or stop it, and run again. Nothing was lost."
BY_NUMBER = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), NO_ROOM),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), NO_RIGHT),
}
BY_WORDS = {
    **dict.fromkeys(("no space left on device", "disk is full", "disk quota exceeded", "file too large"), NO_ROOM),
    **dict.fromkeys(("permission denied", "read-only file system", "readonly database"), NO_RIGHT),
    **dict.fromkeys(("unable to open database file",), NO_RIGHT),
    **dict.fromkeys(("database is locked", "database table is locked"), HELD),
}
LOGGERS = ("prefect.task_runs", "prefect.flow_runs", "prefect.engine")


def sentence(error: BaseException) -> str | None:
    """What to tell people of an error, or of one behind it; None for what is no fault of the machine and not ours."""
    for one in _behind(error):
        said = str(one).lower()
        by_words = next((told for words, told in BY_WORDS.items() if words in said), "")
        if isinstance(one, VocError):  # a store's refusal may quote the database in whole: a full disk says it plainer
            return by_words.format(where="") if by_words is NO_ROOM else str(one)
        if isinstance(one, OSError) and one.errno in BY_NUMBER:
            return BY_NUMBER[one.errno].format(where=f" at {one.filename}" if one.filename else "")
        if by_words:
            return by_words.format(where="")
    return None


def _behind(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def check_room(folder: Path) -> None:
    """Raise VocError with a sentence where nothing can be written to the data folder, before anything is begun."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # root passes every look at file modes, and a read-only mount none
            free = shutil.disk_usage(folder).free // 2**20
    except OSError as error:
        raise VocError(sentence(error) or f"{folder} cannot be written: {os.strerror(error.errno or 0)}.") from error
    if free < LEAST_MB:
        raise VocError(
            f"Only {free} MB are free at {folder}: make room ({LEAST_MB} MB at least), then run again. Nothing was begun."
        )


class Short(logging.Filter):
    """Leaves the traces of such errors out of a log: their sentence stands in the line."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and (told := sentence(error)):
            record.msg, record.args = "%s", (told,)
            record.exc_info = record.exc_text = None
        return True


def shorten(names: tuple[str, ...] = LOGGERS) -> None:
    """Put the filter on these loggers, once."""
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(one, Short) for one in logger.filters):
            logger.addFilter(Short())
