"""`POST /cases/{id}/events`: what another system did with a case, signed as Standard Webhooks, kept before it is answered.

Body: `{"event": "reached", "at": "2026-11-02T10:15:00Z", "by": "adviser-7", "outcome": null}`. The same `webhook-id`
changes nothing a second time; a step that is impossible now is refused with 409 and a sentence.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from insights.calendar import load_teams
from insights.cases import load_rules
from insights.cases.times import times_again
from insights.errors import LedgerError, SettingsError, SignatureError
from insights.intake.refused import Refused
from insights.keys import CASE_EVENTS, KeyRing
from insights.ledger import Ledger
from insights.ledger.ledger import LedgerDownError
from insights.outbox.outcomes import Said, UnknownCase, record
from insights.outbox.webhook import parse_keys
from insights.settings import Settings
from insights.sources.signatures import verify_standard

SETTING = "VOC_CASE_EVENT_SECRET"
VIA = "post"
MOST_ID = 200
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]  # an id: no name, no address, no sentence


class CaseEvent(BaseModel):
    """The body. Unknown fields are refused: nothing personal slips in."""

    model_config = ConfigDict(extra="forbid")

    event: Literal[
        "assigned", "scheduled", "attempted", "reached", "waiting", "transferred", "acknowledged",
        "resolved", "not_reached", "closed", "reopened",
    ]  # fmt: skip
    by: Code
    at: AwareDatetime | None = None
    outcome: Code | None = None
    scheduled_at: AwareDatetime | None = None
    team: Code | None = None
    waiting_on: Code | None = None
    waiting_until: AwareDatetime | None = None
    hand_over: bool = False
    case_id: Code | None = None


class CaseDesk:
    """Checks and records posted case events, one at a time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._one = threading.Lock()

    def secrets(self) -> list[str]:
        """Keys that may have signed, newest first: those of the setting, else of the keys' folder. Refuses when there is none."""
        given = self.settings.case_event_secret
        found = [part.strip() for part in given.get_secret_value().split(",") if part.strip()] if given else []
        found = found or KeyRing(self.settings.keys_dir).signature_secrets(CASE_EVENTS)
        if not found:
            raise Refused(503, "no_secret", f"No key is set for case events: put a whsec_ key into {SETTING}.")
        return found

    def checked(self, case_id: str, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[CaseEvent, str]:
        """The event and its webhook-id, once signature and shape are in order."""
        secrets = self.secrets()
        try:
            parse_keys(",".join(secrets), SETTING)
            verify_standard(headers, body, secrets, now)
        except SettingsError as error:
            raise Refused(503, "bad_secret", f"The key in {SETTING} cannot be used.") from error
        except (SignatureError, ValueError) as error:
            raise Refused(401, "bad_signature", "The signature is absent, wrong or too old.") from error
        message = headers["webhook-id"].strip()
        if len(message) > MOST_ID:
            raise Refused(400, "bad_id", f"The webhook-id is over {MOST_ID} characters.")
        try:
            told = CaseEvent.model_validate_json(body)
        except ValidationError as error:
            fields = ", ".join(sorted({".".join(map(str, one["loc"])) or "body" for one in error.errors()}))
            raise Refused(400, "bad_body", f"The body is not an event of a case: look at {fields}.") from error
        if told.case_id is not None and told.case_id != case_id:
            raise Refused(400, "bad_body", "The body names another case than the address.")
        return told, message

    def keep(self, ledger: Ledger, case_id: str, told: CaseEvent, message: str) -> bool:
        """Whether the event is new, once it is on the disk. Refuses what is impossible."""
        now = max(self.settings.business_now(), datetime.now(UTC))
        said = Said(
            told.event,
            told.at or self.settings.business_now(),
            told.by,
            told.outcome,
            told.scheduled_at,
            told.team,
            told.waiting_on,
            told.waiting_until,
            told.hand_over,
        )
        folder = self.settings.reference_dir
        teams = load_teams(folder / "teams.yaml")
        if told.team is not None and told.team not in teams:
            raise Refused(400, "bad_body", "The body names a team that teams.yaml lacks.")
        rules = load_rules(folder / "case_rules.yaml", self.settings, teams)
        if said.waiting_on is not None and said.waiting_on not in rules.third_parties:
            known = ", ".join(rules.third_parties)
            raise Refused(400, "bad_body", f"waiting_on is none of case_rules.yaml's third parties: {known}.")
        calendars = {team_id: team.calendar for team_id, team in teams.items()}
        try:
            with self._one:
                return record(
                    ledger,
                    case_id,
                    said,
                    message=message,
                    via=VIA,
                    outcomes=rules.outcomes,
                    now=now,
                    again=lambda case, at: times_again(case, rules, calendars, at),
                )
        except UnknownCase as error:
            raise Refused(404, "unknown_case", "There is no case of this id.") from error
        except LedgerDownError:
            raise
        except LedgerError as error:
            raise Refused(409, "impossible", str(error)) from error
