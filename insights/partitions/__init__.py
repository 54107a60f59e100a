"""Work over parts of what there is to do: here, in processes of this machine, or on a Dask cluster, with equal results."""

from insights.partitions.mapping import Partitions, cut, partitions, together

__all__ = ["Partitions", "cut", "partitions", "together"]
