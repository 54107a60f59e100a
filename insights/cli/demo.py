"""`voc demo`: the simulated company through the whole chain, three sentences of what was found, then the dashboard."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from insights.cli.dashboard import serve_dashboard
from insights.cli.say import say
from insights.errors import SettingsError
from insights.settings import Settings, config_home, load_settings

LAST_DAY = "2026-10-31"
DEMO_TOML = f"""# Written by `voc demo`: business time is pinned to the last day of the simulated data.
# Delete this file to work on your own data.
as_of = {LAST_DAY}
simulated = true
# The simulated company keeps its two years of pseudonymised transcripts; the default is six months.
transcript_retention_days = 1095
# 12,000 customers are simulated of a portfolio of 620,000: euros at risk are told for the portfolio.
portfolio_factor = 51.7
"""


def simulate(
    folder: Annotated[Path, typer.Argument(help="Where to write exports/ and truth/.")],
    size: Annotated[str, typer.Option(help="small, demo or large.")] = "demo",
    items: Annotated[int | None, typer.Option(help="Feedback items, for large.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same bytes.")] = None,
    enriched: Annotated[
        bool,
        typer.Option(
            help="Write a lake of --items feedback (data/, keys/) instead: that company's, enriched once, told again and "
            "again in other words. For benches of speed; the lake says so itself."
        ),
    ] = False,
) -> None:
    """Write the demo company's raw exports and, beside them, the truth."""
    if enriched:
        from insights.simulate.enriched import enriched as write_enriched

        made = write_enriched(folder.absolute(), size, items or 1_000_000, say)
        say(
            f"Enriched rows at {folder}: VOC_DATA_DIR={made.data_dir} VOC_KEYS_DIR={made.keys_dir} VOC_AS_OF={made.as_of}"
        )
        return
    from insights.simulate import write

    summary = write(size, folder, seed=seed or load_settings().seed, n_items=items, progress=say)
    say(str(summary))


def demo(
    size: Annotated[str, typer.Option(help="small or demo.")] = "demo",
    serve: Annotated[bool, typer.Option(help="Serve the dashboard at the end, until Ctrl-C.")] = True,
) -> None:
    """Simulate the company, run the whole chain on it, say what was found, and serve the dashboard."""
    from insights.simulate import write

    settings = _demo_settings()
    folder = settings.data_dir / "demo"
    started = time.perf_counter()
    say(f"==> Simulating {settings.company} ({size})")
    summary = write(size, folder, seed=settings.seed, progress=None)
    say(
        f"  simulate: {summary.n_feedback} feedback items of {summary.n_customers} customers in {summary.seconds:.1f} s"
    )
    say("==> The whole chain: ingest, enrich, discover, score, prioritize, callbacks, digest, govern")
    command = [sys.executable, "-m", "flows.everything", str(folder / "exports")]
    code = subprocess.run(command, env=dict(os.environ), check=False).returncode
    if code:
        raise typer.Exit(code)
    say("==> The company's actions, and what they were shown to do")
    from insights.cli.demo_actions import declare_demo_actions

    declare_demo_actions(settings)
    say(f"==> Done in {time.perf_counter() - started:.0f} s")
    _found(settings)
    if serve:
        raise typer.Exit(serve_dashboard(settings))


def _demo_settings() -> Settings:
    """Settings pinned to the demo's last day, kept in voc.toml so that every later command sees them."""
    settings = load_settings()
    marker = settings.data_dir / "demo"
    if settings.lake_dir.exists() and not marker.exists():
        raise SettingsError(
            f"{settings.data_dir} holds other data than the demo's. Choose an empty folder: VOC_DATA_DIR=... make demo."
        )
    toml = config_home() / "voc.toml"
    if not toml.exists() and "VOC_AS_OF" not in os.environ:
        toml.write_text(DEMO_TOML, encoding="utf-8")
    os.environ.setdefault("VOC_AS_OF", LAST_DAY)
    os.environ.setdefault("VOC_SIMULATED", "true")
    os.environ.setdefault("VOC_TRANSCRIPT_RETENTION_DAYS", "1095")
    os.environ.setdefault("VOC_PORTFOLIO_FACTOR", "51.7")
    return load_settings()


def _found(settings: Settings) -> None:
    from insights.steps.digest import last_digest
    from insights.steps.findings import three_sentences
    from insights.steps.stores import stores

    with stores(settings) as (lake, ledger):
        for sentence in three_sentences(lake, ledger, settings.language):
            say(f"  * {sentence}")
    for path in last_digest(settings):
        say(f"  digest: {path}")
