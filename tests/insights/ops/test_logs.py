"""One form for all lines: run id, flow and step, or a reference; nothing personal and no secret in any of them."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from chain import ROOT, environment
from pydantic import SecretStr

from insights.cli.say import say
from insights.logs import Line, Masked, about, masked, secrets_of, spoken
from insights.settings import Settings

SECRET, OTHER = "recognisable-secret-1", 'quoted"secret-2'
FLOW = """
import logging
import flows
from prefect import flow, task
from flows.step import perform
from insights.steps.run_log import StepReport

def count(lake, ledger, *, run_id, fail=False):
    logging.getLogger("voc.apart").warning("a step says something of %s", "{secret}")
    print("  and prints")
    if fail:
        raise RuntimeError("broken by {secret}")
    return StepReport("count", run_id, n_in=2)

@task
def count_task(fail):
    perform(count, fail=fail)

@flow(name="counting")
def counting():
    count_task(False)
    count_task(True)

try:
    counting()
except RuntimeError:
    pass
"""


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.getLogger("voc.test").makeRecord(
        "voc.test", logging.INFO, __file__, 1, message, arguments, None, extra=extra
    )
    assert isinstance(made, logging.LogRecord)
    return made


def test_a_line_of_json_tells_what_it_is_about(settings: Settings) -> None:
    line = Line(settings.model_copy(update={"log_format": "json"}), "intake")
    with about(run_id="r1", flow="enrich"), about(step="index", flow=""):
        told = json.loads(line.format(record("%s rows", 3, task_name="t")))
    assert {key: told[key] for key in ("message", "process", "run_id", "flow", "step", "level")} == {
        **{"message": "3 rows", "process": "intake", "run_id": "r1"},
        **{"flow": "enrich", "step": "index", "level": "INFO"},
    }
    assert "run_id" not in json.loads(line.format(record("after")))


def test_a_plain_line_tells_the_same_behind_its_message(settings: Settings) -> None:
    with about(reference="ab12"):
        assert Line(settings).format(record("no")).endswith("INFO voc.test no [reference=ab12]")


def test_secrets_of_settings_and_environment_are_masked(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", OTHER)
    monkeypatch.setenv("VOC_HOOK_SECRETS", json.dumps({"typeform": f"{SECRET}, older-secret-3"}))
    given = settings.model_copy(update={"smtp_password": SecretStr("relay-secret-4"), "log_format": "json"})
    assert {OTHER, SECRET, "older-secret-3", "relay-secret-4"} <= set(secrets_of(given))
    text = Line(given).format(record("%s %s %s %s", OTHER, SECRET, "older-secret-3", "relay-secret-4"))
    assert json.loads(text)["message"] == "*** *** *** ***"
    assert masked("nothing", secrets_of(given)) == "nothing"
    assert str(settings.keys_dir) not in secrets_of(given)


def test_a_trace_is_masked_for_other_formatters_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOC_SMTP_PASSWORD", SECRET)
    try:
        raise ValueError(f"refused {SECRET}")
    except ValueError:
        found = record("failed for %s", SECRET)
        found.exc_info = sys.exc_info()
    assert Masked().filter(found)
    assert SECRET not in logging.Formatter().format(found) and "ValueError" in logging.Formatter().format(found)


def test_what_a_step_prints_is_logged_only_as_json(
    settings: Settings, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = logging.getLogger("voc.flow")
    with caplog.at_level(logging.INFO, "voc.flow"):
        with spoken(logger, settings):
            say("to people")
        with spoken(logger, settings.model_copy(update={"log_format": "json"})):
            say("to machines")
    assert (capsys.readouterr().out, caplog.messages) == ("to people\n", ["to machines"])


@pytest.mark.faults
def test_every_line_of_a_flow_run_carries_its_run_flow_and_step(settings: Settings, tmp_path: Path) -> None:
    script = tmp_path / "counting.py"
    script.write_text(FLOW.replace("{secret}", SECRET), encoding="utf-8")
    given = {**environment(settings), "VOC_LOG_FORMAT": "json", "VOC_SMTP_PASSWORD": SECRET}
    done = subprocess.run(
        [sys.executable, str(script)], env={**given, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert SECRET not in done.stdout + done.stderr and done.stdout == ""
    lines = [json.loads(one) for one in done.stderr.splitlines() if one.startswith("{")]
    assert len(lines) == len([one for one in done.stderr.splitlines() if one.strip()]), done.stderr
    ours = [one for one in lines if one["logger"].startswith("voc.")]
    assert [one["message"] for one in ours][:3] == [
        "a step says something of ***",
        "and prints",
        "count: 2 in, 0 out in 0.0 s",
    ]
    assert {(one["flow"], one["step"], len(one["run_id"])) for one in ours} == {("counting", "count", 36)}
    failed = [one for one in lines if one["level"] == "ERROR"]
    assert failed and all(one["run_id"] == ours[0]["run_id"] for one in failed)
    for path in settings.data_dir.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
