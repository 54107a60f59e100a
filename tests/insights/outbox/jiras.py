"""A Jira Cloud on loopback, as its REST API v3 is documented: an index that lags, bounded searches, rich text, permissions."""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import dataclass, field
from typing import Any

from crms import Call, Reply

USER = "voc@lumarelle.example:api-token"
RIGHT = "Basic " + base64.b64encode(USER.encode()).decode()
STATUSES = {"À faire": "new", "En cours": "indeterminate", "Terminé": "done"}
JQL = re.compile(r'project = "(?P<project>\w+)" AND labels = "(?P<label>[\w-]+)"')


@dataclass
class JiraCloud:
    """Issues in the order in which they were made. `lags`: the search does not know new issues until `index`."""

    project: str = "VOC"
    lags: bool = False
    issues: list[dict[str, Any]] = field(default_factory=list)
    indexed: int = 0
    slow: threading.Event | None = None  # a creation that is carried out and slow to say so
    breaks: int = 0  # so many creations are carried out and then answered 502
    hidden: bool = False  # our user lost *Browse projects*
    unread: list[str] = field(default_factory=list)  # ids that bulkfetch cannot read now

    def index(self) -> None:
        self.indexed = len(self.issues)

    def move(self, key: str, status: str) -> None:
        self._of(key)["status"] = status

    def take_to(self, key: str, new: str) -> None:
        """Move an issue to another project: a new key, and the old one still leads to it."""
        one = self._of(key)
        one["was"], one["key"] = [*one.get("was", ()), key], new

    def delete(self, key: str) -> None:
        self.issues.remove(self._of(key))

    def _of(self, key: str) -> dict[str, Any]:
        return next(one for one in self.issues if one["key"] == key)

    def __call__(self, call: Call) -> Reply:
        if call.headers.get("authorization") != RIGHT:
            return 401, {}, {"message": "Client must be authenticated to access this resource."}
        routes = {
            "/rest/api/3/myself": self._myself,
            "/rest/api/3/search/jql": self._search,
            "/rest/api/3/issue": self._create,
            "/rest/api/3/issue/bulkfetch": self._fetch,
        }
        if call.path.endswith("/search"):
            return 410, {}, {"errorMessages": ["The requested API has been removed."]}
        return routes[call.path](call) if call.path in routes else (404, {}, {"errorMessages": ["no such path"]})

    def _myself(self, call: Call) -> Reply:
        return 200, {}, {"accountId": "5b1"}

    def _search(self, call: Call) -> Reply:
        found = JQL.fullmatch(call.body["jql"])
        if not found or found["project"] != self.project:
            return 400, {}, {"errorMessages": ["The value does not exist for the field 'project'."]}
        known = self.issues[: self.indexed] if self.lags else self.issues
        hits = [one for one in known if found["label"] in one["fields"]["labels"]]
        return 200, {}, {"issues": [self._shown(one, call.body.get("fields", ())) for one in hits], "isLast": True}

    def _create(self, call: Call) -> Reply:
        told = call.body["fields"]
        errors = {}
        if told.get("project", {}).get("key") != self.project:
            errors["project"] = "valid project is required"
        if not 1 <= len(told.get("summary", "")) <= 255 or "\n" in told["summary"]:
            errors["summary"] = "Summary must be one line of 255 characters at most."
        if not isinstance(told.get("description"), dict) or told["description"].get("type") != "doc":
            errors["description"] = "Operation value must be an Atlassian Document"
        if any(" " in one for one in told.get("labels", ())):
            errors["labels"] = "The label can't contain spaces."
        if errors:
            return 400, {}, {"errorMessages": [], "errors": errors}
        number = 10000 + len(self.issues)
        made = {"id": str(number), "key": f"{self.project}-{number - 9999}", "fields": told, "status": "À faire"}
        self.issues.append(made)
        if self.slow is not None:
            self.slow.wait()
        if self.breaks:
            self.breaks -= 1
            return 502, {}, {}
        return 201, {}, {"id": made["id"], "key": made["key"], "self": "https://jira.example/rest/api/3/issue/1"}

    def _fetch(self, call: Call) -> Reply:
        wanted = call.body["issueIdsOrKeys"]
        if len(wanted) > 100:
            return 400, {}, {"errorMessages": ["at most 100 issues"]}
        named = [one for one in self.issues if {one["id"], one["key"], *one.get("was", ())} & set(wanted)]
        found = [] if self.hidden else [one for one in named if one["id"] not in self.unread]
        errors = [{"id": one["id"], "errorMessage": "try again"} for one in named if one["id"] in self.unread]
        return 200, {}, {"issues": [self._shown(one, call.body["fields"]) for one in found], "issueErrors": errors}

    @staticmethod
    def _shown(one: dict[str, Any], fields: Any) -> dict[str, Any]:
        told: dict[str, Any] = {"id": one["id"], "key": one["key"]}
        if "status" in fields:
            name = one["status"]
            told["fields"] = {"status": {"name": name, "statusCategory": {"key": STATUSES[name]}}}
        return told
