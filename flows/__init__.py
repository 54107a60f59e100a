"""Order, retries and schedules of the steps, in Prefect. No business rule lives here.

Prefect reads its settings when it is first imported: they are set here, before any flow module is.
"""

import os

from insights.logs import prefect_environment
from insights.settings import default_settings

_home = default_settings().data_dir / "prefect"
_home.mkdir(parents=True, exist_ok=True)
for _name, _value in {
    "PREFECT_HOME": str(_home),
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",  # the default of 20 s fails on a loaded machine
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_CLI_COLORS": "false",
    **prefect_environment(default_settings()),
}.items():
    os.environ.setdefault(_name, _value)
