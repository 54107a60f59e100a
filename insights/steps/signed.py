"""Files signed with the installation's own key: one that anybody altered, or that came from elsewhere, is refused."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from insights.errors import ModelError
from insights.keys import KeyRing, replace_file

SUFFIX = ".sig"


def write_signed(path: Path, text: str, keys: KeyRing) -> None:
    """Write the file, whole or not at all, and its signature beside it (`<file>.sig`)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode()
    replace_file(path, content)
    replace_file(_beside(path), _signature(path, content, keys).encode())


def read_signed(path: Path, keys: KeyRing) -> str:
    """The text of a signed file.

    Raises ModelError where the file is missing, unsigned, or not as this installation wrote it under that name.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: no model there ({error.strerror}). Run `voc run` to fit one.") from error
    try:
        given = _beside(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        given = ""
    if not hmac.compare_digest(given, _signature(path, content, keys)):
        told = (
            "is not signed"
            if not given
            else "is not as this installation wrote it (altered, renamed or from elsewhere)"
        )
        raise ModelError(f"{path}: the model {told} and is not used. Run `voc run`: it is fitted again.")
    return content.decode()


def _beside(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)


def _signature(path: Path, content: bytes, keys: KeyRing) -> str:
    """HMAC by the lasting key over name and content: a file of another month cannot take this one's place."""
    return keys.lasting_hash(f"signed-file:{path.name}:{hashlib.sha256(content).hexdigest()}")
