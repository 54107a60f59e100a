"""The weekly digest: what changed and is it real, three irritants to act on, one thing to decide."""

from insights.digest.check import published_rows, verify
from insights.digest.content import build
from insights.digest.model import Digest
from insights.digest.render import RenderedDigest, render
from insights.digest.scores import compare

__all__ = ["Digest", "RenderedDigest", "build", "compare", "published_rows", "render", "verify"]
