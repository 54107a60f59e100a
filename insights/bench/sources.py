"""Every real payload folder read twice through the whole border into a fresh lake: what arrived, and that twice is once.

Writes docs/sources_measured.json, from which `voc reference` makes the table of docs/sources.md.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings, load_settings
from insights.sources.base import registry
from insights.sources.mapping import load_mapping, mapped_source
from insights.steps.files import FileReport
from insights.steps.ingest import ingest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
TARGET = ROOT / "docs" / "sources_measured.json"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """One source (or mapping of docs/examples) on real files: globs below the shared data, company options, sidecars."""

    source: str
    files: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, str] | None = None  # what `<file>.meta.json` beside each transcript says
    mapping: str = ""


@dataclass(frozen=True)
class Measured:
    """What one trial gave. `n_again` is the change of any table's count at the second reading: it must be 0."""

    source: str
    payload: str
    n_files: int
    n_read: int
    n_in: int
    n_again: int
    set_aside: Mapping[str, int]
    quarantined: Mapping[str, int]
    refused_files: tuple[str, ...]


CALL = {"started_at": "2026-10-20T10:00:00+02:00", "segment": "household"}
CALLS = {"recording_share": {"default": 0.999999}}
TALK = "transcript_formats"
TRIALS: tuple[Trial, ...] = (
    Trial("typeform", ("payloads_survey/typeform_webhook_form_response.json",)),
    Trial("formbricks", ("payloads_survey/formbricks_response*.json",)),
    Trial("qualtrics", ("payloads_survey/qualtrics_sample_*.csv",)),
    Trial("surveymonkey", ("payloads_survey/surveymonkey_fixtures/*.json",)),
    Trial("x_api", ("payloads_social/brexit.jsonl", "payloads_social/geo_tweets.jsonl", "payloads_social/mentions*")),
    Trial("mastodon", ("payloads_social/mastodon_status.json",)),
    Trial("trustpilot", ("fr_trustpilot_keytrade/reviews.json",)),
    Trial("social_export", ("fr_free_telecom_tweets/free_tweet_export.csv",), {"own_handles": ["free", "freebox"]}),
    Trial("social_export", ("en_twcs_sample/sample.csv",)),
    Trial("social_export", ("fr_trustpilot_ecommerce/scrapped_comments.csv",)),
    Trial("webvtt", (f"{TALK}/*.vtt",), CALLS, meta=CALL),
    Trial("srt", (f"{TALK}/*.srt",), CALLS, meta=CALL),
    Trial("whisper", (f"{TALK}/*.words.json",), CALLS, meta=CALL),
    Trial(
        "aws_call_analytics",
        (f"{TALK}/example-call.json", f"{TALK}/bda-standard.json"),
        {**CALLS, "fields": {"channel_0": "customer", "channel_1": "adviser"}},
        meta=CALL,
    ),
    Trial("vcon", (f"{TALK}/*.vcon.json",), CALLS, meta=CALL),
    Trial("call_center_ai", (f"{TALK}/demo.json",), CALLS, meta=CALL),
    Trial("clarify", (f"{TALK}/sample_insight_transcript.json",), CALLS, meta=CALL),
    Trial("chat_json", ("en_abcd_chats/abcd_sample.json",), {"constants": {"started_on": "2026-10-20"}}, meta=CALL),
    Trial(
        "chat_log",
        ("fr_chat_ecommerce_pmc/dialogues.txt",),
        {"fields": {"stamp_numbered": "customer", "stamp_plain": "adviser"}},
        meta=CALL,
    ),
    Trial("fr_insurance_reviews", ("fr_insurance_reviews/avis_1_traduit.xlsx",), mapping="fr_insurance_reviews.yaml"),
)


def measure(trials: Sequence[Trial], say: Say) -> list[Measured]:
    """Run the trials whose files are there; the others are said and left out."""
    found = []
    for trial in trials:
        files = sorted(file for pattern in trial.files for file in SHARED.glob(pattern))
        if not files:
            say(f"  {trial.source}: {', '.join(trial.files)} absent, left out")
            continue
        found.append(_twice(trial, files))
        say(f"  {trial.source}: {found[-1].n_read} read, {found[-1].n_in} in, {found[-1].n_again} more the second time")
    return found


def write(found: Sequence[Measured]) -> None:
    """Keep the figures for the generated table."""
    rows = [asdict(one) for one in found]
    TARGET.write_text(json.dumps(rows, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _twice(trial: Trial, files: Sequence[Path]) -> Measured:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = _settings(folder, trial)
        inbox = folder / "files"
        inbox.mkdir()
        for file in files:
            shutil.copy(file, inbox / file.name)
            if trial.meta:
                (inbox / f"{file.name}.meta.json").write_text(json.dumps(trial.meta), encoding="utf-8")
        paths = [inbox / file.name for file in files]
        with open_lake(settings) as lake, open_ledger(settings) as ledger:
            source = (
                mapped_source(load_mapping(ROOT / "docs" / "examples" / trial.mapping))
                if trial.mapping
                else registry()[trial.source]
            )
            reports = ingest(lake, ledger, paths, run_id="first", source=source)[1]
            counts = _counts(lake.counts())
            with lake.write() as writer:
                writer.execute("DELETE FROM run")  # so that the files are read again, not recognised
            ingest(lake, ledger, paths, run_id="second", source=source)
            again = _counts(lake.counts())
            reasons = lake.read("SELECT reason, count(*) AS n FROM quarantine GROUP BY ALL ORDER BY ALL")
        return _measured(trial, files, reports, sum(abs(again[t] - counts[t]) for t in counts), reasons)


def _settings(folder: Path, trial: Trial) -> Settings:
    reference = folder / "reference"
    shutil.copytree(ROOT / "data" / "reference", reference)
    (reference / "sources.yaml").write_text(yaml.safe_dump({trial.source: dict(trial.options)}), encoding="utf-8")
    places = {name: folder / name for name in ("data", "keys", "drop")}
    return load_settings(
        data_dir=places["data"], keys_dir=places["keys"], drop_dir=places["drop"], reference_dir=reference, workers=1
    )


def _counts(counts: Mapping[str, int]) -> dict[str, int]:
    return {table: n for table, n in counts.items() if table != "run"}


def _measured(
    trial: Trial, files: Sequence[Path], reports: Sequence[FileReport], n_again: int, reasons: Any
) -> Measured:
    return Measured(
        source=trial.source,
        payload=", ".join(dict.fromkeys(str(file.parent.relative_to(SHARED)) for file in files)),
        n_files=len(files),
        n_read=sum(report.n_read for report in reports),
        n_in=sum(report.n_new for report in reports),
        n_again=n_again,
        set_aside=dict(sum((report.set_aside for report in reports), Counter())),
        quarantined={str(row.reason): int(row.n) for row in reasons.itertuples()},
        refused_files=tuple(report.file for report in reports if report.error),
    )
