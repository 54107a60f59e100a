"""Pull: ask a source for its news, page by page, each in the lake before its cursor is saved.

A crash after the commit and before the cursor brings the same page again: its rows are known, nothing is doubled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from filelock import FileLock, Timeout

from insights.border import Border
from insights.errors import SourceError
from insights.jumps import within
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.cursors import feed_id, position_of, save_position, saved_at
from insights.settings import Settings
from insights.sources.base import RAGGED, RawRecord, RecordSource, registry
from insights.sources.options import NO_OPTIONS, Options, load_options
from insights.sources.pull import Client, Page
from insights.sources.web import WebClient
from insights.steps.files import FileReport
from insights.steps.ingest import Say, commit, parse_all
from insights.steps.redacting import redactor_for
from insights.steps.run_log import StepReport, recorded
from insights.steps.screen import screen

MakeClient = Callable[[str, str], WebClient]  # address, token


def pullable(settings: Settings) -> list[str]:
    """Names of the sources that can be asked now: they know how, and their `url` stands in sources.yaml."""
    options = load_options(settings.reference_dir)
    return [name for name, one in options.items() if one.url.strip() and getattr(registry().get(name), "pull", None)]


def pull_all(
    lake: Lake, ledger: Ledger, *, run_id: str, say: Say = print, every: timedelta = timedelta(minutes=15)
) -> StepReport:
    """Pull every source that is configured and was not asked within `every`; one that fails is told, the others go on."""
    total = StepReport("pull", run_id, note={"sources": 0, "failed": []})
    options = load_options(lake.settings.reference_dir)
    for name in pullable(lake.settings):
        asked_at = saved_at(ledger, name, feed_id(options[name].url))
        if asked_at is not None and within(asked_at, every, datetime.now(UTC)):
            continue
        try:
            report = pull(lake, ledger, name, run_id=f"{run_id}:{name}", say=say)
        except SourceError as error:
            say(f"  REFUSED {name}: {error}")
            total.note["failed"].append(name)
            continue
        total.n_in, total.n_out = total.n_in + report.n_in, total.n_out + report.n_out
        total.n_quarantined += report.n_quarantined
        total.note["sources"] += 1
    return total


def pull(
    lake: Lake, ledger: Ledger, name: str, *, run_id: str, say: Say = lambda _: None, client: MakeClient = WebClient
) -> StepReport:
    """Bring what is new at one source. Raises SourceError where it is unknown, not configured, busy or unreachable."""
    source, options = _configured(lake.settings, name)
    secret = lake.settings.pull_tokens.get(name)
    with recorded(lake, run_id, "pull") as report, _alone(lake.settings, name):
        with client(options.url.split()[0], secret.get_secret_value() if secret else "") as web:
            total = _pages(lake, ledger, source, options, web)
        report.n_in, report.n_out, report.n_quarantined = total.n_read, total.n_new, total.n_quarantined
        report.note = {"source": name, "revised": total.n_revised, "deleted": total.n_deleted}
        say(f"  {total.sentence()}")
    return report


def _pages(lake: Lake, ledger: Ledger, source: RecordSource, options: Options, web: Client) -> FileReport:
    assert source.pull is not None
    feed, total = feed_id(options.url), FileReport("pull", source.name)
    position = position_of(ledger, source.name, feed)
    with redactor_for(ledger, lake.settings, workers=lake.settings.workers) as redactor:
        border = Border.of(ledger, lake.settings, redactor, datetime.now(UTC))
        for page in _told(source.name, source.pull.pages(web, options, position or None)):
            _one_page(lake, border, source, options, page, total)
            position = page.cursor
            save_position(ledger, source.name, feed, position)
    save_position(ledger, source.name, feed, position or "")  # also where nothing came: it was asked now
    screen(lake)
    return total


def _one_page(
    lake: Lake, border: Border, source: RecordSource, options: Options, page: Page, total: FileReport
) -> None:
    items, rejected, set_aside = parse_all(source, _records(page.records), options)
    batch = border.pass_items(source.name, items, Counter())
    batch.rejected += rejected
    total.n_read += len(page.records)
    total.n_refused += batch.n_refused
    total.set_aside += set_aside
    if items or batch.rejected:
        commit(lake, border, source.name, batch, total)


def _records(found: Sequence[Any]) -> list[RawRecord]:
    """Records of a page, named by their content: a bad one that comes again is the same row of the quarantine.

    A row that is no object goes to quarantine like one of a file.
    """
    return [
        RawRecord(
            f"pull-{feed_id(repr(data))[:16]}",
            1,
            data if isinstance(data, Mapping) else {RAGGED: "bad_shape: an object is expected"},
        )
        for data in found
    ]


def _told(name: str, pages: Iterator[Page]) -> Iterator[Page]:
    """The pages. A page of an unforeseen shape ends the round with a sentence; the cursor stays before it."""
    try:
        yield from pages
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise SourceError(
            f"{name}: a page is not in the shape this source reads ({type(error).__name__}). What "
            "came before is kept. Look at `url` in sources.yaml: is it the address the documentation names?"
        ) from error


def _configured(settings: Settings, name: str) -> tuple[RecordSource, Options]:
    source = registry().get(name)
    able = [one for one, found in registry().items() if getattr(found, "pull", None)]
    if not isinstance(source, RecordSource) or source.pull is None:
        raise SourceError(f"There is no source {name!r} that can be asked; there are {', '.join(able)}.")
    options = load_options(settings.reference_dir).get(name, NO_OPTIONS)
    if not options.url.strip():
        raise SourceError(f"Source {name} has no address: write `{name}: {{url: ...}}` in sources.yaml.")
    return source, options


@contextmanager
def _alone(settings: Settings, name: str) -> Iterator[None]:
    """One pull of a source at a time."""
    try:
        with FileLock(settings.data_dir / f"pull-{name}.lock", timeout=0):
            yield
    except Timeout as error:
        raise SourceError(f"Source {name} is being pulled already. Wait for it, or stop it, and run again.") from error
