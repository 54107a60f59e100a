"""A lake of any size with enriched rows, for benches: written inside DuckDB in minutes, read by no model.

The facts of a simulated company that did go through the whole chain are told many times, as
`insights.bench.dashboard_lake` does. Beyond that, written feedback is put together anew in each copy: every clause gets the
words of another one behind it, a text hash and a vector of its own, as real customers seldom use the same words twice.
Calls and chats keep their turns. The run `LABEL` in the lake's table `run` says what it is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from insights.bench.dashboard_lake import MADE, grow
from insights.errors import ModelError, SettingsError
from insights.lake import Lake, open_lake
from insights.settings import Settings, load_settings
from insights.simulate.write import write
from insights.steps.assigning import stacked

Say = Callable[[str], None]
ROOT = Path(__file__).parents[2]

LABEL = "simulate_enriched"
SAID = "made-up rows, copied and varied in DuckDB: good for speed and memory, never for quality"
FEWEST, MOST = 1_000, 20_000_000
LAST_DAY, KEPT_DAYS = "2026-10-31", 1095  # of the simulated data
BATCH = 20_000  # vectors computed and written at a time
WEIGHT = 0.6  # of the clause behind, in the vector of both
PAIRS = """
CREATE OR REPLACE TEMP TABLE varied AS
WITH tail AS (
    SELECT language, text, text_sha, (row_number() OVER (PARTITION BY language ORDER BY mention_id) - 1)::UBIGINT AS place
    FROM mention WHERE voice = 'customer' AND turn_no IS NULL
),
size AS (SELECT language, count(*)::UBIGINT AS n FROM tail GROUP BY language),
head AS MATERIALIZED (  -- or each clause is joined with all of its language, and filtered then: quadratic
    SELECT m.*, hash(m.mention_id) % s.n AS place FROM mention m JOIN size s USING (language) WHERE m.turn_no IS NULL
)
SELECT m.mention_id, m.feedback_id, m.unit_no, m.type, m.text_sha AS first_sha, t.text_sha AS second_sha,
    m.text || ' ' || t.text AS text, sha256(m.text_sha || t.text_sha) AS text_sha
FROM head m JOIN tail t USING (language, place)
"""
PLACED = """
CREATE OR REPLACE TEMP TABLE placed AS
SELECT *, (sum(length(text) + 1) OVER (PARTITION BY feedback_id ORDER BY unit_no) - 1)::INTEGER AS end_char FROM varied
"""
MENTIONS = """
CREATE OR REPLACE TEMP TABLE written AS
SELECT m.* REPLACE (
    coalesce(p.text, m.text) AS text, coalesce(p.text_sha, m.text_sha) AS text_sha,
    coalesce(p.end_char, m.end_char) AS end_char, coalesce(p.end_char - length(p.text), m.start_char)::INTEGER AS start_char
)
FROM mention m LEFT JOIN placed p USING (mention_id)
"""
FEEDBACK = """
CREATE OR REPLACE TEMP TABLE written AS
WITH said AS (SELECT feedback_id, string_agg(text, ' ' ORDER BY unit_no) AS verbatim FROM placed GROUP BY feedback_id)
SELECT f.* REPLACE (coalesce(s.verbatim, f.verbatim) AS verbatim) FROM feedback f LEFT JOIN said s USING (feedback_id)
"""
TO_EMBED = """
SELECT DISTINCT ON (text_sha) text_sha, first_sha, second_sha FROM placed
WHERE type IN ('complaint', 'suggestion') AND first_sha IN (SELECT text_sha FROM embedding) ORDER BY text_sha
"""


def enriched(folder: Path, size: str, n: int, say: Say) -> Settings:
    """Settings of a lake of about `n` enriched feedback at folder/data, with its keys at folder/keys.

    `size` is that of the company whose facts are told again (small or demo): it goes through the real chain first, in
    folder/seed. A lake that was written to its end is left as it is. Raises SettingsError for a size that makes no sense.
    """
    if size not in {"small", "demo"} or not FEWEST <= n <= MOST:
        raise SettingsError(
            f"Enriched rows are made of a small or a demo company, {FEWEST:,} to {MOST:,} of them: not {n:,} of {size!r}."
        )
    seed, made = own_stores(folder / "seed"), own_stores(folder)
    if not (made.data_dir / MADE).exists():
        _company(seed, size, say)
        multiply(seed, made, n, say)
    return made


def multiply(seed: Settings, made: Settings, n: int, say: Say) -> None:
    """Write a lake of about `n` enriched feedback at `made` from the lake, ledger, keys and models of `seed`."""
    grow(seed, made, say, n)
    (made.data_dir / MADE).unlink()  # it is not written to its end yet
    _vary(made, say)
    shutil.copytree(seed.models_dir, made.models_dir, dirs_exist_ok=True)
    (made.data_dir / MADE).touch()


def own_stores(folder: Path, **told: Any) -> Settings:
    """Settings of a simulated lake and ledger below `folder`, wherever the installation's own stores are."""
    nowhere = dict.fromkeys(("ledger_url", "catalog_url", "files_url"), "")
    given = {"as_of": LAST_DAY, "simulated": True, **nowhere, **told}
    return load_settings(data_dir=folder / "data", keys_dir=folder / "keys", **given)


def _company(seed: Settings, size: str, say: Say) -> None:
    """The simulated company through the whole chain, in a process of its own, once."""
    if (seed.data_dir / MADE).exists():
        return
    shutil.rmtree(seed.data_dir, ignore_errors=True)
    say(f"  {write(size, seed.data_dir, seed=seed.seed)}")
    run_chain(seed, [seed.data_dir / "exports"])
    (seed.data_dir / MADE).touch()


def run_chain(settings: Settings, paths: Sequence[Path]) -> None:
    """The flow `everything` on these files, in a process of its own that sends nothing. Raises ModelError when it fails."""
    names = ("data_dir", "keys_dir", "reference_dir", "extension_dir", "as_of", "simulated", "workers")
    told = {f"VOC_{name.upper()}": str(getattr(settings, name)) for name in names}
    told |= {"VOC_LEDGER_URL": "", "VOC_CATALOG_URL": "", "VOC_FILES_URL": "", "VOC_DRY_RUN": "true"}
    told["VOC_TRANSCRIPT_RETENTION_DAYS"] = str(KEPT_DAYS)
    command = [sys.executable, "-m", "flows.everything", *map(str, paths)]
    environment = {**os.environ, **told, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))}
    if subprocess.run(command, env=environment, check=False).returncode:
        raise ModelError("The chain failed on the simulated company: see the lines above.")


def _vary(made: Settings, say: Say) -> None:
    """Words, hashes and vectors of their own for all that was written, and the label."""
    with open_lake(made) as lake:
        with lake.write() as writer:
            writer.execute(PAIRS)
            writer.execute(PLACED)
            pairs = writer.execute(TO_EMBED)
            for table, rows in (("mention", MENTIONS), ("feedback", FEEDBACK)):
                writer.execute(rows)
                writer.execute(f'DELETE FROM "{table}"')
                writer.execute(f'INSERT INTO "{table}" BY NAME SELECT * FROM written')
            writer.execute("DROP TABLE written; DROP TABLE placed; DROP TABLE varied")
        say(f"  embedding: {_embed(lake, pairs):,} rows")
        with lake.write() as writer:
            at = datetime.now(UTC)
            row = {"run_id": LABEL, "step": LABEL, "started_at": at, "n_out": len(pairs)}
            row |= {"as_of_on": made.business_day(), "note": json.dumps({"said": SAID})}
            writer.upsert("run", pd.DataFrame([row]))


def _embed(lake: Lake, pairs: Sequence[tuple[str, str, str]]) -> int:
    """Write the vector of each (hash, hash of the first words, hash of those behind); returns how many."""
    known = lake.read("SELECT text_sha, encoder_version, vector FROM embedding ORDER BY text_sha")
    place = {sha: row for row, sha in enumerate(known["text_sha"])}
    nothing = len(known)  # words behind without a vector add nothing
    vectors = np.vstack([stacked(known["vector"]), np.zeros((1, len(known["vector"].iloc[0])), np.float32)])
    version, n_written = known["encoder_version"].iloc[0], 0
    for start in range(0, len(pairs), BATCH):
        part = pairs[start : start + BATCH]
        first = vectors[[place[sha] for _, sha, _ in part]]
        both = first + WEIGHT * vectors[[place.get(sha, nothing) for _, _, sha in part]]
        both /= np.linalg.norm(both, axis=1, keepdims=True)
        frame = {"text_sha": [sha for sha, _, _ in part], "encoder_version": version, "vector": list(both)}
        with lake.write() as writer:
            n_written += writer.insert_new("embedding", pd.DataFrame(frame))
    return n_written
