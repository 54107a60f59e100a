"""Sources: each file here is one, found by name. It knows how to read its records, and no destination."""

from insights.sources.base import Item, RawRecord, RecordSource, registry
from insights.sources.tables import TableSource

__all__ = ["Item", "RawRecord", "RecordSource", "TableSource", "registry"]
