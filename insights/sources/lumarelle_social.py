"""Public posts and reviews about the demo company. Its own posts and reposts are not the customer's voice."""

from __future__ import annotations

from insights.errors import SetAside
from insights.sources.base import Item, RawRecord, RecordSource, instant, required, score, text_or_none
from insights.sources.files import read_json_lines
from insights.sources.options import Options

OWN_HANDLES = frozenset({"lumarelle"})


def parse(record: RawRecord, _options: Options) -> Item:
    """One post or review. Raises SetAside for the brand's own posts and reposts."""
    data = record.data
    author = required(data, "author")
    handle = str(author.get("handle") or "").lstrip("@")
    if handle.casefold() in OWN_HANDLES:
        raise SetAside("own_post: written by the brand itself")
    if data.get("repost_of"):
        raise SetAside("repost: counted once, with the original")
    answers: tuple[dict[str, object], ...] = ()
    if data.get("rating") is not None:
        value = score(data["rating"], "1-5", "rating")
        answers = ({"question_id": "stars", "metric": "csat", "scale": "1-5", "value": value},)
    kind = str(required(data, "kind"))
    return Item(
        source_id=str(required(data, "post_id")),
        feedback={
            "kind": kind,
            "channel": "review_site" if kind == "review" else "social",
            "touchpoint": text_or_none(data.get("platform")),
            "occurred_at": instant(required(data, "created_at"), "created_at"),
            "available_at": instant(required(data, "received_at"), "received_at"),
            "verbatim": str(required(data, "text")),
            "region": text_or_none(data.get("region")),
            "recontact": "not_asked",
        },
        answers=answers,
        author=str(author.get("id") or handle) or None,
    )


SOURCE = RecordSource(
    "lumarelle_social",
    ("social/posts*.jsonl",),
    read_json_lines,
    parse,
    title="Posts and reviews of the demo company",
    set_aside={"own_post": "written by the brand itself", "repost": "counted once, with the original"},
)
