"""The sources that take webhooks: tools we know, and the company's own by a mapping in `data/reference/hooks/`."""

from __future__ import annotations

from insights.settings import Settings
from insights.sources import json_hook
from insights.sources.base import RecordSource, registry


def hook_sources(settings: Settings) -> dict[str, RecordSource]:
    """Every source with a hook, by name. Raises SourceError naming the mapping that cannot be used."""
    known = {name: source for name, source in registry().items() if isinstance(source, RecordSource) and source.hook}
    return known | json_hook.hook_sources(settings.reference_dir)
