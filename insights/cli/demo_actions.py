"""The example company's own record of its actions, with the teams its training drew, declared and read."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from insights.actions.model import Comparison
from insights.cli.say import say
from insights.proof.known import FILE as KNOWN
from insights.settings import Settings
from insights.yaml_files import read_yaml

FOLDER = Path("demo")
FILE = FOLDER / "actions.yaml"
ACTOR = "Lumarelle"


def declare_demo_actions(settings: Settings) -> None:
    """Import the demo's actions, each on its own day, and estimate what they did."""
    from insights.steps.actions import import_actions
    from insights.steps.prove import prove
    from insights.steps.stores import stores

    path = settings.data_dir / "demo" / "actions.yaml"
    path.write_text(company_record(settings), encoding="utf-8")
    _known_events(settings)
    with stores(settings) as (lake, ledger):
        made = import_actions(lake, ledger, path, actor=ACTOR, at=settings.business_now(), dated=True, drawn=_drawn)
        report = prove(lake, ledger, run_id="demo-actions")
    say(f"  {len(made)} actions declared; {report.sentence()}")


def _known_events(settings: Settings) -> None:
    """Put the example company's events beside its data, where the proof reads them."""
    target = settings.data_dir / "demo" / "reference" / KNOWN
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(settings.reference_dir / FOLDER / KNOWN, target)


def _drawn(told: Comparison) -> bool:
    """The example company drew its teams with its own tool, whose seed is the simulation's."""
    from insights.simulate.block import trained_teams
    from insights.simulate.contacts import TEAMS

    if told.seed is None:
        return False
    return set(told.treated) == {team for team, one in zip(TEAMS, trained_teams(told.seed), strict=True) if one}


def company_record(settings: Settings) -> str:
    """The file of actions with the twelve of twenty-four teams that this seed's training drew."""
    from insights.simulate.block import trained_teams
    from insights.simulate.contacts import TEAMS

    told = read_yaml(settings.reference_dir / FILE)
    drawn = trained_teams(settings.seed)
    for action in told["actions"]:
        if action.get("comparison", {}).get("kind") == "random":
            action["comparison"]["seed"] = settings.seed
            action["comparison"]["treated"] = [team for team, one in zip(TEAMS, drawn, strict=True) if one]
            action["comparison"]["others"] = [team for team, one in zip(TEAMS, drawn, strict=True) if not one]
    return str(yaml.safe_dump(told, allow_unicode=True, sort_keys=False))
