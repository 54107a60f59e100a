"""Your own tools, live: a mapping below `data/reference/hooks/` makes a webhook of its own, without a line of code.

`hooks/<name>.yaml` is a mapping whose format is json; the tool posts to `/hooks/<name>`, one record or a list of them at
`records`, signed in one of the ways `signatures.verify_any` knows. The same file reads exports of the tool.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.errors import SourceError
from insights.sources import signatures
from insights.sources.base import RAGGED, Hook, RecordSource, registry
from insights.sources.mapping import load_mapping, mapped_source, records_of

EVENT_IDS = ("webhook-id", "idempotency-key", "x-event-id")


def hook_sources(reference_dir: Path) -> dict[str, RecordSource]:
    """A source with a hook for each mapping in `hooks/`, by name. Raises SourceError naming the file that cannot be used."""
    found: dict[str, RecordSource] = {}
    for path in sorted((reference_dir / "hooks").glob("*.yaml")):
        source = hook_source(path)
        if source.name in registry():
            raise SourceError(f"{path.name}: {source.name} is a source of its own already; give the hook another name.")
        found[source.name] = source
    return found


def hook_source(path: Path) -> RecordSource:
    """The source of one mapping file; its name is the file's."""
    mapping = load_mapping(path)
    if mapping.format != "json":
        raise SourceError(f"{path.name}: a hook reads JSON; write `format: json` and paths for columns.")
    if mapping.source != path.stem:
        raise SourceError(f"{path.name}: `source` is {mapping.source}; a hook is called like its file.")

    def records(payload: Any) -> list[Mapping[str, Any]]:
        return [_record(found) for found in records_of(mapping, payload)]

    return replace(mapped_source(mapping), hook=Hook(_verify, event_key, records))


def _record(found: Any) -> Mapping[str, Any]:
    if isinstance(found, Mapping):
        return found
    return {RAGGED: f"bad_shape: an object is expected, found {type(found).__name__}"}


def event_key(headers: Mapping[str, str], body: bytes) -> str:
    """The id the sender gives its event, else the hash of the body."""
    return next((headers[name] for name in EVENT_IDS if headers.get(name)), None) or signatures.body_key(body)


def _verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> None:
    signatures.verify_any(headers, body, secrets, now)
