"""Verbatims that nobody has read yet, as files that sources take: real French reviews, or answers in new words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from insights.language import detect

ROOT = Path(__file__).parents[2]
REVIEWS = ROOT.parent / "shared" / "data" / "fr_insurance_reviews"
MAPPING = ROOT / "docs" / "examples" / "fr_insurance_reviews.yaml"
REVIEWS_AS_OF = "2021-12-31"  # the last ones are of that year


def real_reviews(folder: Path, n: int, seed: int) -> Path | None:
    """A workbook of `n` distinct French reviews drawn from 24,000, for MAPPING; None where the set is absent."""
    paths = sorted(REVIEWS.glob("avis_*_traduit.xlsx"))
    if not paths:
        return None
    found = pd.concat([pd.read_excel(path) for path in paths], ignore_index=True)
    found = found[found["avis"].notna()].drop_duplicates("avis").sample(n, random_state=seed)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "avis_new_traduit.xlsx"
    found[["note", "auteur", "avis", "assureur", "produit", "date_publication"]].to_excel(path, index=False)
    return path


def new_answers(rows: Sequence[Mapping[str, Any]], folder: Path, n: int, until: str, seed: int) -> Path:
    """`n` French answers of the demo company's survey tool in a folder: words of three of `rows` each, of the last week.

    Hardly two say the same: the small company alone has 90 comments, which makes 700,000 of them.
    """
    worded = [row for row in rows if row.get("comment")]
    languages = detect([row["comment"] for row in worded])
    said = [row for row, language in zip(worded, languages, strict=True) if language == "fr"]
    draw = np.random.default_rng(seed)
    end = datetime.fromisoformat(until).replace(hour=18, tzinfo=UTC)
    (folder / "survey").mkdir(parents=True, exist_ok=True)
    path = folder / "survey" / "responses_new.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for place in range(n):
            three = [said[one] for one in draw.integers(len(said), size=3)]
            at = (end - timedelta(seconds=float(draw.uniform(0, 7 * 86_400)))).isoformat()
            row = {**three[0], "comment": " ".join(one["comment"] for one in three)}
            row |= {"response_id": f"new-{seed}-{place}", "submitted_at": at, "received_at": at}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return folder
