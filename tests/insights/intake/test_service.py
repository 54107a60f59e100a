"""The two processes: the worker starts again when it dies, and an address that cannot be had is said."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from insights.cli.intake import intake
from insights.errors import SettingsError
from insights.intake.pulse import STARTING, Heart, pulse_path, read_pulse
from insights.intake.service import Supervisor, run
from insights.intake.sources import hook_sources
from insights.intake.worker import work
from insights.settings import Settings

LONG = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()} '); time.sleep(600)"


def test_a_worker_that_dies_is_started_again_and_ends_with_its_service(tmp_path: Path) -> None:
    seen, told = tmp_path / "pids", []
    supervisor = Supervisor([sys.executable, "-c", LONG, str(seen)], say=told.append)
    supervisor.start()
    for number in (1, 2):
        while not seen.exists() or len(seen.read_text().split()) < number:
            time.sleep(0.05)
        if number == 1:
            os.kill(int(seen.read_text()), signal.SIGKILL)
    last = int(seen.read_text().split()[1])
    assert supervisor.pid == last
    supervisor.close()
    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)
    assert "-9" in told[0]


def test_a_worker_whose_service_is_gone_does_not_start(settings: Settings) -> None:
    work(settings, {}, parent=1, stop=threading.Event())
    found = read_pulse(settings)
    assert found is None or found.state != STARTING


def test_an_address_in_use_is_a_sentence(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="VOC_INTAKE_PORT"):
            run(settings, "127.0.0.1", taken.getsockname()[1], worker=False)


def test_tools_we_know_and_the_companys_own_mappings_take_webhooks(settings: Settings) -> None:
    found = hook_sources(settings)
    mappings = {path.stem for path in (settings.reference_dir / "hooks").glob("*.yaml")}
    assert mappings
    assert {"lumarelle_survey", "typeform", *mappings} <= set(found)
    assert all(source.hook is not None for source in found.values())


def test_nothing_to_do_is_a_sentence() -> None:
    with pytest.raises(SettingsError, match="nothing to do"):
        intake(worker=False, worker_only=True)


def test_a_pulse_is_read_whole_or_not_at_all(settings: Settings) -> None:
    assert read_pulse(settings) is None
    heart = Heart(pulse_path(settings))
    heart.pulse.histograms["receipt_to_case"].observe(1.0)
    heart.beat(STARTING)
    found = read_pulse(settings)
    assert found is not None
    assert (found.state, found.pid, found.histograms["receipt_to_case"].total) == (STARTING, os.getpid(), 1.0)
    pulse_path(settings).write_text("{")
    assert read_pulse(settings) is None
