"""What the modules of the part `scores` share."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], None]
PART = "scores"
