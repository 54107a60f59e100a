"""Digests of the demo company: what is changed between computing and sending, one thing at a time, and the replay.

Runs on a copy of the lake that the settings name; a lake without a ranking gives no figure. Each change is made in the
lake after the issues were computed; it is caught when the check then says something it did not say before.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from insights.bench.report import Entry
from insights.digest import RenderedDigest, published_rows, replayed
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings, load_settings
from insights.steps.digest import Prepared, faults, prepare

DATA = "demo company"
MOST_QUOTES = 6
Change = tuple[str, str]  # table, statement


def entries(say: Callable[[str], None]) -> list[Entry]:
    """Changes caught and harmless ones let through, seconds of a check, publications replayed byte for byte."""
    settings = load_settings()
    if not settings.lake_dir.exists():
        say(f"  {settings.lake_dir} is absent: left out (run `voc demo` first)")
        return []
    with TemporaryDirectory() as folder:
        copy = _copied(settings, Path(folder))
        with open_lake(copy) as lake, open_ledger(copy) as ledger:
            if not lake.scalar("SELECT count(*) FROM priority"):
                say(f"  {settings.lake_dir} holds no ranking: left out")
                return []
            return _measured(lake, ledger, say)


def _copied(settings: Settings, folder: Path) -> Settings:
    for name, source in (("data", settings.data_dir), ("keys", settings.keys_dir)):
        shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("demo", "prefect", "out", "models"))
    return settings.model_copy(update={"data_dir": folder / "data", "keys_dir": folder / "keys"})


def _measured(lake: Lake, ledger: Ledger, say: Callable[[str], None]) -> list[Entry]:
    begun = time.perf_counter()
    whole = prepare(lake, ledger)
    made = time.perf_counter() - begun
    begun = time.perf_counter()
    clean = faults(lake, ledger, whole)
    checked = time.perf_counter() - begun
    size = f"{len(whole.issues)} issues"
    rows = [(published_rows(one.digest, one.rendered), one.rendered) for one in whole.issues]
    same = sum(_bytes_of(replayed(kept).rendered) == _bytes_of(sent) for kept, sent in rows)
    company = replace(whole, issues=whole.issues[:1])
    say(f"  {size} in {made:.1f} s, checked in {checked:.1f} s; now changing the lake")
    harmful = _caught(lake, ledger, company, list(_harmful(company)))
    harmless = _caught(lake, ledger, company, list(_harmless()))
    return [
        Entry("digest", "changes between computing and sending that are caught", sum(harmful), "", DATA,
              f"{len(harmful)} changes", str(len(harmful))),
        Entry("digest", "changes of nothing that is said, blocked for it", sum(harmless), "", DATA,
              f"{len(harmless)} changes", "0"),
        Entry("digest", "issues blocked with nothing changed", len(clean), "", DATA, size, "0"),
        Entry("digest", "issues replayed byte for byte from published", same, "", DATA, size, str(len(rows))),
        Entry("digest", "seconds to compute and draw all issues", made, "s", DATA, size),
        Entry("digest", "seconds to check all issues", checked, "s", DATA, size),
    ]  # fmt: skip


def _bytes_of(page: RenderedDigest) -> tuple[str, str, str, list[tuple[str, bytes]]]:
    return page.subject, page.html, page.text, list(page.images.items())


def _caught(lake: Lake, ledger: Ledger, prepared: Prepared, changes: list[Change]) -> list[bool]:
    """Whether each change, made on top of those before, brings a problem that was not there."""
    before = _problems(lake, ledger, prepared)
    found = []
    for _, statement in changes:
        with lake.write() as writer:
            writer.execute(statement)
        now = _problems(lake, ledger, prepared)
        found.append(bool(now - before))
        before = now
    return found


def _problems(lake: Lake, ledger: Ledger, prepared: Prepared) -> set[str]:
    return {line for lines in faults(lake, ledger, prepared).values() for line in lines}


def _harmful(prepared: Prepared) -> Iterator[Change]:
    """One word of each quote, in the clause or in what was said; each kind of figure that is told."""
    made = prepared.issues[0].digest
    for number, quote in enumerate(made.quotes[:MOST_QUOTES]):
        if number % 2:
            yield (
                "mention",
                f"UPDATE mention SET text = replace(text, 'e', 'o') WHERE mention_id = '{quote.mention_id}'",
            )
        elif quote.turn_no is None:
            yield (
                "feedback",
                f"UPDATE feedback SET verbatim = '- ' || verbatim WHERE feedback_id = '{quote.feedback_id}'",
            )
        else:
            where = f"feedback_id = '{quote.feedback_id}' AND turn_no = {quote.turn_no}"
            yield "turn", f"UPDATE turn SET text = '- ' || text WHERE {where}"
    week = f"week = DATE '{made.week}'"
    for item, column in zip(made.items, ("n_mentions", "value_at_risk_high_eur", "n_customers"), strict=False):
        yield (
            "priority",
            f"UPDATE priority SET {column} = {column} + 1 WHERE {week} AND irritant_id = '{item.irritant_id}'",
        )
    for score in made.scores:
        yield "metric_daily", f"UPDATE metric_daily SET n_positive = 0 WHERE metric = '{score.metric}'"
    for fix in made.fixes:
        yield "fix", f"UPDATE fix SET effect = effect * 1.1 WHERE action_id = '{fix.action_id}' AND speaks"


def _harmless() -> Iterator[Change]:
    """What no digest of the week speaks of."""
    yield "churn_score", "UPDATE churn_score SET probability = probability / 2"
    yield "answer", "DELETE FROM answer WHERE occurred_at < TIMESTAMPTZ '2025-06-01 00:00:00+00'"
    yield "embedding", "DELETE FROM embedding"
    yield "run", "DELETE FROM run"
