"""The registry as rows of the lake's table `irritant`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from insights.contracts import IRRITANT
from insights.irritants.registry import Registry


def irritant_rows(known: Registry, beside: Mapping[str, Mapping[str, Any]] | None = None) -> pd.DataFrame:
    """One row an irritant; a label borrowed from the other language carries its mark.

    `beside`: neighbour_id, said_here and said_there of an irritant, as the last discovery saw them.
    """
    shown = {language: known.labels(language) for language in ("fr", "en")}
    return pd.DataFrame(
        [
            {
                "irritant_id": one.irritant_id,
                "label_fr": shown["fr"].get(one.irritant_id, one.label_fr),
                "label_en": shown["en"].get(one.irritant_id, one.label_en),
                "label_source": one.label_source,
                "keywords": list(one.keywords),
                "parent": one.parent,
                "status": one.status,
                "owner": one.owner,
                "born_on": one.born_on,
                "lineage": one.lineage,
                **(beside or {}).get(one.irritant_id, {}),
            }
            for one in known.irritants.values()
        ],
        columns=list(IRRITANT.column_names),
    )
