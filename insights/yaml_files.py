"""YAML read by libyaml where it is there: ten times faster than the pure parser, the same values and the same errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WORDS: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar stays the word it is: "on", "no", "1.0"


def parse_yaml(text: str) -> Any:
    """The values of a text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=SAFE)


def read_yaml(path: Path) -> Any:
    """The values of a file in UTF-8. Raises OSError, UnicodeDecodeError or yaml.YAMLError."""
    return parse_yaml(path.read_text(encoding="utf-8"))
