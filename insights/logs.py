"""One way to log for all processes: plain lines or JSON (VOC_LOG_FORMAT), with run id, flow and step, or a reference.

No secret of the environment leaves through it: whatever a line or a trace holds, their values are masked.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from io import TextIOBase
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from insights.errors import SettingsError
from insights.settings import Settings, load_settings

FORMAT, PROCESS = "VOC_LOG_FORMAT", "VOC_PROCESS"
PLAIN, JSON = "plain", "json"
HANDLER = "voc"
PREFECT = Path(__file__).parent / "prefect_logging.yaml"
MASK = "***"
SECRET_WORDS = ("SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "API_KEY", "ACCESS_KEY", "LABEL_KEY")
SHORTEST_SECRET = 6  # shorter values would mask ordinary words
OF_RUN = {"flow_run_id": "run_id", "flow_name": "flow", "task_name": "step"}  # as Prefect's loggers tell them
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message", "exc_text"}
_about: ContextVar[dict[str, Any] | None] = ContextVar("voc_about", default=None)


@contextmanager
def about(**fields: Any) -> Iterator[None]:
    """Put fields on every line that is logged within: run_id, flow and step, or reference and page."""
    mark = _about.set({**now_about(), **{name: value for name, value in fields.items() if value}})
    try:
        yield
    finally:
        _about.reset(mark)


def now_about() -> dict[str, Any]:
    """The fields of this moment."""
    return dict(_about.get() or {})


class Line(logging.Formatter):
    """A record as one line: JSON, or plain with its fields behind the message. Secrets are masked."""

    def __init__(self, settings: Settings | None = None, process: str = "") -> None:
        super().__init__()
        found = settings or _settings()
        self.is_json = (found.log_format if found else os.environ.get(FORMAT, PLAIN)) == JSON
        self.process = process or os.environ.get(PROCESS, "")
        self.secrets = secrets_of(found)

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {**_named(record), **now_about()}
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        if self.is_json:
            told = {"at": at, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
            told |= {"process": self.process} if self.process else {}
            told |= {name: value for name, value in fields.items() if name not in told}
            told |= {"trace": trace} if trace else {}
            return masked(json.dumps(told, ensure_ascii=False, default=str), self.secrets)
        behind = " ".join(f"{name}={value}" for name, value in fields.items())
        line = f"{at} {record.levelname} {record.name} {record.getMessage()}{f' [{behind}]' if behind else ''}"
        return masked(f"{line}\n{trace}" if trace else line, self.secrets)


class Masked(logging.Filter):
    """Takes secrets out of records that other formatters write, as Prefect's for its database."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.secrets = secrets_of(_settings())

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if (clean := masked(message, self.secrets)) != message:
            record.msg, record.args = clean, None
        if record.exc_info:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info), self.secrets)
        return True


def _named(record: logging.LogRecord) -> dict[str, Any]:
    """What the caller gave as `extra`, under our names."""
    extra = {OF_RUN.get(name, name): value for name, value in vars(record).items() if name not in STANDARD}
    return {name: value for name, value in extra.items() if isinstance(value, str | int | float | bool)}


class _Stderr(logging.Handler):
    """Writes to what stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), file=sys.stderr, flush=True)  # noqa: T201 - the end of the way
        except Exception:
            self.handleError(record)


def configure(settings: Settings, process: str) -> None:
    """Send every logger of this process to stderr in the form of the settings. A second call changes nothing."""
    root = logging.getLogger()
    if any(one.get_name() == HANDLER for one in root.handlers):
        return
    handler = _Stderr()
    handler.setFormatter(Line(settings, process))
    handler.set_name(HANDLER)
    root.addHandler(handler)
    for name in ("voc", "dashboard"):
        logging.getLogger(name).setLevel(settings.log_level)


def prefect_environment(settings: Settings) -> dict[str, str]:
    """Variables that make Prefect's processes log in our form, and without secrets, wherever they start from."""
    found = {"PREFECT_LOGGING_SETTINGS_PATH": str(PREFECT)}
    return found | ({"PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER": "line"} if settings.log_format == JSON else {})


@contextmanager
def spoken(logger: logging.Logger, settings: Settings) -> Iterator[None]:
    """What is printed within becomes lines of the log where these are JSON: each then says which run it belongs to."""
    if settings.log_format != JSON:
        yield
        return
    with redirect_stdout(_Speaker(logger)):
        yield


class _Speaker(TextIOBase):
    """A text stream whose lines are logged."""

    def __init__(self, logger: logging.Logger) -> None:
        self.logger, self.begun = logger, ""

    def write(self, text: str) -> int:
        *lines, self.begun = (self.begun + text).split("\n")
        for line in lines:
            if line.strip():
                self.logger.info("%s", line.strip())
        return len(text)


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with the secrets out of it, as they are and as JSON writes them."""
    for secret in secrets:
        for written in {secret, json.dumps(secret)[1:-1]}:
            text = text.replace(written, MASK)
    return text


def hide(error: BaseException, settings: Settings) -> None:
    """Take secrets out of an error's message, and of those it came from: others keep it, as Prefect's database."""
    secrets, found = secrets_of(settings), error
    seen: list[BaseException | None] = [None]
    while found not in seen:
        found.args = tuple(masked(one, secrets) if isinstance(one, str) else one for one in found.args)
        seen.append(found)
        found = found.__cause__ or found.__context__ or found


def secrets_of(settings: Settings | None) -> tuple[str, ...]:
    """Values of secret settings and of variables that are named like secrets, longest first."""
    found: set[str] = set()
    for name, value in os.environ.items():
        if any(word in name.upper() for word in SECRET_WORDS):
            found |= set(_parts(value))
    for value in vars(settings).values() if settings else ():
        for one in value.values() if isinstance(value, dict) else (value,):
            if isinstance(one, SecretStr):
                found |= set(_parts(one.get_secret_value()))
    return tuple(sorted((one for one in found if len(one) >= SHORTEST_SECRET), key=len, reverse=True))


def _parts(value: str) -> list[str]:
    """The secrets in a value: of JSON its values, of a list each part; none of a path."""
    text = value.strip()
    if os.path.isabs(text):
        return []
    with suppress(ValueError):
        if isinstance(told := json.loads(text), dict):
            return [part for one in told.values() for part in _parts(str(one))]
    return [text, *(part.strip() for part in text.split(","))]


def _settings() -> Settings | None:
    try:
        return load_settings()
    except SettingsError:  # said elsewhere: a log must not fail for it
        return None
