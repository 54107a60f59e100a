"""Files of digests that hold a quote which is no longer in `published`: a cut quote may be too short to be found by words."""

from __future__ import annotations

from pathlib import Path

from insights.digest.published import PAGES, holes
from insights.lake import Lake

KEPT = """
SELECT p.publication_id, p.value, list(q.item) FILTER (q.item IS NOT NULL) AS quotes
FROM published p LEFT JOIN published q ON q.publication_id = p.publication_id AND q.kind = 'quote'
WHERE p.item = $pages GROUP BY ALL ORDER BY p.publication_id
"""


def incomplete(lake: Lake) -> list[str]:
    """Publications of which a quote was taken out."""
    rows = lake.read(KEPT, pages=PAGES)
    return [
        str(row["publication_id"])
        for row in rows.to_dict("records")
        if set(holes(str(row["value"]))) - set(row["quotes"] if row["quotes"] is not None else ())
    ]


def stale_digests(lake: Lake) -> list[Path]:
    """Their files below the output folder: pages, mails, posts and replays. They can be written again from `published`."""
    out, found = lake.settings.out_dir, set()
    for publication in incomplete(lake):
        found |= set(out.rglob(f"{publication}.*"))
        day, owner = publication[len("digest-") :][:10], publication.rsplit("-", 1)[0][len("digest-0000-00-00-") :]
        found |= set((out / "mails").glob(f"{day}-{owner}.eml"))
    return sorted(found)
