"""`voc dashboard`: serve the application on this machine, or to others once they can sign in."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from insights.cli.say import say
from insights.errors import SettingsError
from insights.settings import Settings, load_settings

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
COOKIE_SECRET = "cookie-secret"
SIGN_IN = "sign-in.toml"
CALLBACK = "/oauth2callback"


def dashboard(port: Annotated[int | None, typer.Option(help="Port; else VOC_DASHBOARD_PORT.")] = None) -> None:
    """Serve the dashboard until Ctrl-C; to other machines only when people sign in (VOC_OIDC_*)."""
    raise typer.Exit(serve_dashboard(load_settings(), port))


def serve_dashboard(settings: Settings, port: int | None = None) -> int:
    """Serve the dashboard until Ctrl-C; returns the exit code. Raises SettingsError where nobody could sign in."""
    command = serve_command(settings, port or settings.dashboard_port)
    say(f"==> Dashboard on {address_of(settings, port or settings.dashboard_port)} (Ctrl-C to stop)")
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        return 0


def address_of(settings: Settings, port: int) -> str:
    """Where people find it."""
    if settings.oidc_metadata_url:
        return settings.dashboard_url
    return f"http://127.0.0.1:{port}"


def serve_command(settings: Settings, port: int) -> list[str]:
    """The command that serves the dashboard; with sign-in, its file of secrets is written first."""
    check_address(settings)
    command = [sys.executable, "-m", "streamlit", "run", str(APP)]
    command += ["--server.port", str(port), "--server.address", settings.dashboard_address]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    return [*command, "--secrets.files", str(write_sign_in(settings))] if settings.oidc_metadata_url else command


def check_address(settings: Settings) -> None:
    """Raises SettingsError for an address others can reach without sign-in, and for a sign-in that lacks a part."""
    if not settings.oidc_metadata_url:
        if settings.dashboard_address not in LOOPBACK:
            raise SettingsError(
                f"VOC_DASHBOARD_ADDRESS is {settings.dashboard_address}: other machines could open the dashboard, and "
                "nobody would sign in. Set VOC_OIDC_METADATA_URL, VOC_OIDC_CLIENT_ID and VOC_OIDC_CLIENT_SECRET "
                "(docs/access.md), or keep 127.0.0.1."
            )
        return
    missing = [name for name in ("oidc_client_id", "oidc_client_secret") if not getattr(settings, name)]
    if missing:
        names = " and ".join(f"VOC_{name.upper()}" for name in missing)
        raise SettingsError(f"VOC_OIDC_METADATA_URL is set and {names} is not: nobody could sign in (docs/access.md).")
    for name in ("dashboard_url", "oidc_metadata_url"):
        if not _safe(str(getattr(settings, name))):
            raise SettingsError(
                f"VOC_{name.upper()} is {getattr(settings, name)}: signing in takes an https address; http is for "
                "this machine only."
            )


def _safe(address: str) -> bool:
    """https, or http on loopback."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or parts.scheme == "http" and parts.hostname in LOOPBACK)


def write_sign_in(settings: Settings) -> Path:
    """Write the [auth] section that st.login reads, beside the keys and for their owner alone; returns the file."""
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
    told = {
        "redirect_uri": settings.dashboard_url.rstrip("/") + CALLBACK,
        "cookie_secret": _cookie_secret(settings.keys_dir),
        "client_id": settings.oidc_client_id,
        "client_secret": secret,
        "server_metadata_url": settings.oidc_metadata_url,
    }
    path = settings.keys_dir / SIGN_IN
    lines = [f"{name} = {json.dumps(value)}" for name, value in told.items()]  # a JSON string is a TOML string
    _write_private(path, "\n".join(["[auth]", *lines, ""]))
    return path


def _cookie_secret(folder: Path) -> str:
    """Made once: a new one signs everybody out."""
    path = folder / COOKIE_SECRET
    if not path.is_file():
        _write_private(path, secrets.token_hex(32))
    return path.read_text(encoding="utf-8").strip()


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
