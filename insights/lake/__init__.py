"""The lake: what is analysed. DuckDB with DuckLake, one writing transaction at a time, snapshots."""

from insights.lake.lake import KeyProblem, Lake, Writer, open_lake

__all__ = ["KeyProblem", "Lake", "Writer", "open_lake"]
