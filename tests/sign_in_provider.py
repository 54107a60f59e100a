"""A real OpenID provider on loopback, in a process of its own: `python sign_in_provider.py PORT PEOPLE.json`.

PEOPLE.json: subject -> claims, read anew at each sign-in, so that a test can say how long the next token holds (`exp`).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import uvicorn
from oidc_provider_mock import User, app


class Told(dict[str, Any]):
    """The claims of one person as the file tells them now."""

    def __init__(self, path: Path, sub: str) -> None:
        super().__init__()
        self.path, self.sub = path, sub

    def items(self) -> Any:
        return json.loads(self.path.read_text(encoding="utf-8"))[self.sub].items()


def main(port: int, path: Path) -> None:
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # http, on this machine
    people = [User(sub=sub, claims=Told(path, sub)) for sub in json.loads(path.read_text(encoding="utf-8"))]
    uvicorn.run(app(user_claims=people), interface="wsgi", host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
