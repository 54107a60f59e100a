"""All schedules in one place, and the process that keeps them: `voc serve`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import httpx
from prefect import serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval

from flows.close_loop import close_loop
from flows.digest import digest
from flows.discover import discover
from flows.enrich import enrich
from flows.govern import govern
from flows.ingest import ingest
from flows.prioritize import prioritize
from flows.prove import prove
from flows.score import score
from flows.server import command
from flows.watch import watch
from insights.settings import Settings, default_settings
from insights.steps.alive import take

POLL_SECONDS = 10
ROUNDS = 360  # an hour a flow run; the next one starts when it ends
WATCH_SECONDS, WATCH_ROUNDS = 5, 720
KEEP = "--keep"  # argument of the process that keeps the schedules on the server this one has started


def deployments() -> list[RunnerDeployment]:
    """Every flow with its schedule, in the company's time zone."""
    zone = default_settings().timezone
    return [
        ingest.to_deployment("ingest", schedule=Interval(60), concurrency_limit=1),
        enrich.to_deployment("enrich", schedule=Interval(300), concurrency_limit=1),
        close_loop.to_deployment(
            "close-loop",
            schedule=Interval(POLL_SECONDS * ROUNDS),
            parameters={"every_seconds": POLL_SECONDS, "rounds": ROUNDS},
            concurrency_limit=1,
        ),
        watch.to_deployment(
            "watch",
            schedule=Interval(WATCH_SECONDS * WATCH_ROUNDS),
            parameters={"every_seconds": WATCH_SECONDS, "rounds": WATCH_ROUNDS},
            concurrency_limit=1,
        ),
        score.to_deployment("score", schedule=Cron("0 5 * * *", timezone=zone), concurrency_limit=1),
        prioritize.to_deployment("prioritize", schedule=Cron("30 5 * * *", timezone=zone), concurrency_limit=1),
        prove.to_deployment("prove", schedule=Cron("45 5 * * *", timezone=zone), concurrency_limit=1),
        discover.to_deployment("discover", schedule=Cron("0 3 * * 1", timezone=zone), concurrency_limit=1),
        digest.to_deployment("digest", schedule=Cron("0 8 * * 1", timezone=zone), concurrency_limit=1),
        govern.to_deployment("govern", schedule=Cron("0 2 * * *", timezone=zone), concurrency_limit=1),
    ]


def start_server(port: int) -> subprocess.Popen[bytes]:
    """A Prefect server on loopback, ready when this returns; the caller ends it."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:  # it would answer in the place of ours
            raise SystemExit(
                f"voc: port {port} is in use, perhaps by the server of a `voc serve` that was killed: end that process, or "
                "set VOC_PREFECT_PORT."
            )
    server = subprocess.Popen(command(port), stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/api"
    while server.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=2).is_success:
                return server
        except httpx.TransportError:
            time.sleep(0.3)
    raise SystemExit(f"The Prefect server did not start on port {port}: is it in use? Set VOC_PREFECT_PORT.")


def main() -> int:
    """Serve all schedules until Ctrl-C, on the server of PREFECT_API_URL or on one started here; one process per data."""
    if KEEP in sys.argv:
        serve(*deployments())
        return 0
    lock = _alone(default_settings())
    try:
        return _served()
    finally:
        os.close(lock)


def _alone(settings: Settings) -> int:
    """The lock of `voc serve` on this data folder. Ends the process with a sentence where another holds it."""
    path = settings.data_dir / "serve.lock"
    lock = take(path, seconds=0)
    if lock is None:
        raise SystemExit(
            f"voc: another `voc serve` keeps the schedules of {settings.data_dir} (lock {path}): one is enough."
        )
    return lock


def _served() -> int:
    if os.environ.get("PREFECT_API_URL"):
        serve(*deployments(), print_starting_message="VOC_PROCESS" not in os.environ)  # `voc up` says it itself
        return 0
    port = default_settings().prefect_port
    server = start_server(port)
    try:  # Prefect has read its settings by now: a child starts with the server's address
        child = {**os.environ, "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
        return subprocess.run([sys.executable, "-m", "flows.serve", KEEP], env=child, check=False).returncode
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait(timeout=60)


if __name__ == "__main__":
    sys.exit(main())
