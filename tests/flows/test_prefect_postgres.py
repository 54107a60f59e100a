"""Prefect's own database on a real PostgreSQL: flows run, and the schedules survive a crash of it and a restart of all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from chain import ROOT, environment
from stores_servers import PostgresServer, free_port, postgres_server

from insights.settings import Settings

pytestmark = pytest.mark.faults


@contextmanager
def serving(child: dict[str, str], log: Path) -> Iterator[None]:
    """`voc serve`: a Prefect server and the process that keeps the schedules; both end with the block."""
    with log.open("a") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.serve"], cwd=ROOT, env=child, stdout=out, stderr=out, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, 15)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()


def asked(url: str, path: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        answer = httpx.post(f"{url}/{path}/filter", json=wanted, timeout=30)
    except httpx.TransportError:
        return []
    return list(answer.json()) if answer.is_success else []


def completed(url: str) -> set[str]:
    """Scheduled runs of `ingest` that ended well."""
    found = asked(url, "flow_runs", {"deployments": {"name": {"any_": ["ingest"]}}})
    return {str(one["id"]) for one in found if one["state_type"] == "COMPLETED" and one["auto_scheduled"]}


def a_new_one(url: str, before: set[str]) -> set[str]:
    """Wait until one more scheduled run has ended well; returns all of them."""
    while not (found := completed(url)) - before:
        time.sleep(1)
    return found


def deployments(url: str) -> dict[str, str]:
    return {str(one["name"]): str(one["id"]) for one in asked(url, "deployments", {})}


def test_schedules_and_their_history_live_in_postgres(
    postgres: PostgresServer, settings: Settings, tmp_path: Path
) -> None:
    with postgres_server(durable=True) as own:  # it is killed in here
        database = own.database()
        port, log = free_port(), tmp_path / "log"
        url = f"http://127.0.0.1:{port}/api"
        child = {
            **environment(settings),
            "VOC_PREFECT_PORT": str(port),
            "PREFECT_API_DATABASE_CONNECTION_URL": database.replace("postgresql://", "postgresql+asyncpg://"),
        }
        with serving(child, log):
            first = a_new_one(url, set())
            ids = deployments(url)
            assert {"ingest", "enrich", "close-loop", "watch", "govern"} <= set(ids)
            own.restart("immediate")  # a crash, under a server that goes on
            second = a_new_one(url, first)
            assert first < second
        with psycopg.connect(database) as connection:  # where the runs are
            told = connection.execute("SELECT id::text FROM flow_run WHERE state_type = 'COMPLETED'").fetchall()
        assert second <= {one for (one,) in told}
        with serving(child, log):
            third = a_new_one(url, second)
            assert second < third and deployments(url) == ids
    assert list((settings.data_dir / "prefect").glob("*.db*")) == []
