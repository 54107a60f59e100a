"""The weekly digest: what changed and is it real, three irritants to act on, one thing to decide."""

from insights.digest.check import differences, verify
from insights.digest.content import build
from insights.digest.model import Digest
from insights.digest.published import published_rows, replayed
from insights.digest.render import RenderedDigest, render
from insights.digest.scores import compare

__all__ = [
    "Digest",
    "RenderedDigest",
    "build",
    "compare",
    "differences",
    "published_rows",
    "render",
    "replayed",
    "verify",
]
