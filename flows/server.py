"""`python -m flows.server [PORT]`: this process becomes the Prefect server on loopback, as flows/__init__.py sets it up."""

from __future__ import annotations

import os
import sys

from insights.settings import default_settings


def command(port: int) -> list[str]:
    """What starts a server."""
    return [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]


if __name__ == "__main__":
    os.execv(sys.executable, command(int(sys.argv[1]) if sys.argv[1:] else default_settings().prefect_port))
