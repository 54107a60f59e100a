"""Actions as issues of Jira Cloud: one issue an action whatever the network does; its status is read back.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/: `POST /rest/api/3/issue` knows no idempotency key, so that
each issue carries a label of its action and is looked for before it is made (`POST /rest/api/3/search/jql`; the older
`/search` is gone, 410). That search may lag behind a creation, so that a creation whose answer was lost pauses the
endpoint for SETTLE_SECONDS. States: `POST /rest/api/3/issue/bulkfetch`, a hundred at a time and never behind; an issue
that moved to another project answers there under its id with its new key, `issueErrors` names ids that could not be read
now, and one that is deleted or not shown to us stands in neither list.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from insights.errors import DeliveryError
from insights.i18n import translator
from insights.outbox.carrier import Parcel
from insights.outbox.crm.upsert import Crm
from insights.outbox.http import Answer, Reply, no_answer

SENT = "action.sent"  # subject_code of an action queued for a tracker
LABEL = "voc-insights"
LONGEST_SUMMARY = 255
SETTLE_SECONDS = 120.0
BATCH = 100
NEW, UNDER_WAY, FINISHED, GONE = "new", "indeterminate", "done", "gone"  # Jira's keys of its status categories; deleted


@dataclass(frozen=True)
class Issue:
    """What Jira says of one issue now. `category`: new, indeterminate, done, or gone."""

    key: str
    status: str
    category: str
    issue_id: str = ""  # stays where the key changes: an issue may move to another project


class Jira(Crm):
    """`token`: `e-mail:API token`. Options: project (key), issue_type (name), label_prefix."""

    calls = 2
    folder = "jira"
    limit: ClassVar[tuple[int, float]] = (100, 10.0)

    def authorization(self) -> dict[str, str]:
        return {"authorization": "Basic " + base64.b64encode(self.endpoint.token.encode()).decode()}

    def record(self, parcel: Parcel) -> dict[str, Any]:
        """The fields of the issue: the redacted title, the irritant, who and until when, the link back."""
        told = json.loads(parcel.body)
        facts: Mapping[str, Any] = told["facts"]
        return {
            "fields": {
                "project": {"key": str(self.options["project"])},
                "issuetype": {"name": str(self.options.get("issue_type") or "Task")},
                "summary": str(facts["title"])[:LONGEST_SUMMARY],
                "description": _document(
                    _lines(facts, str(told.get("language") or "fr")), str(facts.get("link") or "")
                ),
                "labels": [LABEL, self.label(str(facts["action_id"]))],
            }
        }

    def label(self, action_id: str) -> str:
        """What finds the issue of an action again; the prefix tells installations apart that share a project."""
        return f"{self.options.get('label_prefix') or 'voc'}-{action_id}"

    def upsert(self, parcels: Sequence[Parcel], at: datetime) -> list[Answer]:
        """One issue after the other."""
        return [self._put(one, at) for one in parcels]

    def _put(self, parcel: Parcel, at: datetime) -> Answer:
        record = self.record(parcel)
        query = {"jql": self._jql(record), "fields": ["status"], "maxResults": BATCH}
        reply = self.call("POST", "/rest/api/3/search/jql", query)
        if reply.status != 200:
            return self.refused(reply, at, final=reply.status == 400)
        there = sorted(json.loads(reply.body)["issues"], key=lambda one: int(one["id"]))
        if there:
            return Answer(200, None, "known there", reference=str(there[0]["key"]), record_id=str(there[0]["id"]))
        return self._create(record, at)

    def _jql(self, record: Mapping[str, Any]) -> str:
        fields = record["fields"]
        return f'project = "{fields["project"]["key"]}" AND labels = "{fields["labels"][1]}"'

    def _create(self, record: Mapping[str, Any], at: datetime) -> Answer:
        try:
            reply = self.call("POST", "/rest/api/3/issue", record)
        except (DeliveryError, httpx.HTTPError) as error:
            lost = no_answer(error)  # it may be there, and the search may not know it yet
            return Answer(None, lost.error, lost.detail, SETTLE_SECONDS)
        if reply.status in (200, 201):
            made = json.loads(reply.body)
            return Answer(reply.status, reference=str(made["key"]), record_id=str(made["id"]))
        if reply.status >= 500:
            return self.refused(reply, at, pause=SETTLE_SECONDS)
        return self.refused(reply, at, final=reply.status in (400, 404))

    def states(self, wanted: Sequence[str]) -> dict[str, Issue]:
        """What each issue says now, by the id (or the key) it was asked for by; one that is not shown any more is gone, one
        that Jira could not read now is left out. Raises DeliveryError."""
        said: dict[str, Issue] = {}
        for start in range(0, len(wanted), BATCH):
            part = list(wanted[start : start + BATCH])
            page = self.asked("POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": part, "fields": ["status"]})
            said |= _told(part, page)
        return said

    def probe(self) -> Answer:
        """Asks who we are."""
        reply: Reply = self.call("GET", "/rest/api/3/myself")
        return Answer(reply.status) if reply.status == 200 else self.refused(reply, datetime.now(UTC))


def _told(wanted: Sequence[str], page: Mapping[str, Any]) -> dict[str, Issue]:
    """One answer of bulkfetch. Errors name issues by id: where one was asked for by its key, none of the absent is judged."""
    broken = {str(one.get("id")) for one in page.get("issueErrors") or ()}
    unsure = not broken <= set(wanted)
    found: dict[str, Issue] = {}
    for one in page["issues"]:
        status, issue_id, key = one["fields"]["status"], str(one["id"]), str(one["key"])
        issue = Issue(key, str(status["name"]), str(status["statusCategory"]["key"]), issue_id)
        found |= {issue_id: issue, key: issue}
    absent = () if unsure else [one for one in wanted if one not in found and one not in broken]
    return {one: found[one] for one in wanted if one in found} | {one: Issue("", "", GONE) for one in absent}


def browse(url: str, key: str) -> str:
    """Where a person reads an issue."""
    return f"{url.rstrip('/')}/browse/{key}"


def _lines(facts: Mapping[str, Any], language: str) -> list[str]:
    _ = translator(language)
    told = [
        _("Irritant: {irritant}").format(irritant=facts["irritant"]),
        _("Owner: {owner}").format(owner=facts["owner"]) if facts.get("owner") else "",
        _("Due on {day}.").format(day=facts["due_on"]) if facts.get("due_on") else "",
        _("Margin at stake: {euros}.").format(euros=facts["euros"]) if facts.get("euros") else "",
        _("Whether it worked is shown by what customers say afterwards, not by this issue."),
    ]
    return [one for one in told if one]


def _document(lines: Sequence[str], link: str) -> dict[str, Any]:
    """Atlassian Document Format: one paragraph a line, the link last."""
    content: list[dict[str, Any]] = [_paragraph({"type": "text", "text": line}) for line in lines]
    if link:
        marks = [{"type": "link", "attrs": {"href": link}}]
        content.append(_paragraph({"type": "text", "text": link, "marks": marks}))
    return {"type": "doc", "version": 1, "content": content}


def _paragraph(text: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": [text]}
