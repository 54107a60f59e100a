"""One digest, for whom it is, and as it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from insights.digest.model import Digest
from insights.digest.owners import Owner
from insights.digest.render import RenderedDigest


@dataclass(frozen=True)
class Issue:
    """`owner` None: of the whole company, written to files and sent to nobody."""

    owner: Owner | None
    digest: Digest
    rendered: RenderedDigest
