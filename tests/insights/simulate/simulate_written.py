"""Quick ways to read a written simulation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from insights import simulate

Records = list[dict[str, Any]]


class Written:
    """A written simulation and quick ways to read it."""

    def __init__(self, folder: Path, summary: simulate.SimulationSummary) -> None:
        self.folder = folder
        self.summary = summary

    def jsonl(self, name: str) -> Records:
        """Records of one export."""
        lines = (self.folder / "exports" / name).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def csv(self, name: str) -> pd.DataFrame:
        """One CSV export, every value as text."""
        return pd.read_csv(self.folder / "exports" / name, sep=";", dtype=str, keep_default_na=False)

    def truth(self, name: str) -> pd.DataFrame:
        """One truth table."""
        return pq.read_table(self.folder / "truth" / f"{name}.parquet").to_pandas()

    def picture(self, as_of: str) -> pd.DataFrame:
        """One CRM picture."""
        return pq.read_table(self.folder / "exports" / "crm" / f"customers_{as_of}.parquet").to_pandas()

    def texts(self) -> dict[tuple[str, str, int | None], str]:
        """Every text by (source, source_id, turn_no); turn_no is None outside transcripts."""
        found: dict[tuple[str, str, int | None], str] = {}
        for row in self.jsonl("survey/responses.jsonl"):
            if row["comment"]:
                found["lumarelle_survey", row["response_id"], None] = row["comment"]
        for row in self.jsonl("social/posts.jsonl"):
            found["lumarelle_social", row["post_id"], None] = row["text"]
        for row in self.jsonl("messages/messages.jsonl"):
            found["lumarelle_messages", row["message_id"], None] = row["body"]
        for row in self.jsonl("employee/comments.jsonl"):
            found["lumarelle_employee", row["comment_id"], None] = row["text"]
        for row in self.jsonl("calls/transcripts.jsonl"):
            for number, turn in enumerate(row["turns"], start=1):
                found["lumarelle_calls", row["call_id"], number] = turn["text"]
        return found
