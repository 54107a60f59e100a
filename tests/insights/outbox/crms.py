"""CRMs on loopback that keep records and behave as theirs do: limits, duplicates, partial failures, slow answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Reply = tuple[int, dict[str, str], Any]


@dataclass
class Call:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Server:
    """`answers` decides; `script` comes first (status, headers, body), one a call."""

    answers: Callable[[Call], Reply]
    url: str = ""
    script: list[Reply] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    stall: threading.Event | None = None
    apply_then_fail: int = 0  # so many calls are carried out and then answered 502

    def writes(self) -> list[Call]:
        return [one for one in self.calls if one.method != "GET"]


@contextmanager
def serving(answers: Callable[[Call], Reply]) -> Iterator[Server]:
    state = Server(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            form = self.headers.get("content-type") == "application/x-www-form-urlencoded"
            body = parse_qs(raw.decode()) if form else json.loads(raw or b"null")
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            call = Call(self.command, unquote(parts.path), query, headers, body)
            state.calls.append(call)
            status, more, told = state.script.pop(0) if state.script else state.answers(call)
            if state.stall is not None:  # carried out, and slow to say so
                state.stall.wait()
            if state.apply_then_fail and call.method != "GET":
                state.apply_then_fail -= 1
                status, more, told = 502, {}, {}
            content = b"" if told is None else json.dumps(told).encode()
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = answer

        def log_message(self, *args: object) -> None:
            """Quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is part of the tests."""

    server = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        if state.stall is not None:
            state.stall.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class HubSpotPortal:
    """Tickets by the unique property; refuses unknown stages and a batch with the same id twice."""

    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)
    bad_ids: set[str] = field(default_factory=set)
    partial: bool = False
    clock: str = "2026-10-29T10:00:00.000Z"

    def __call__(self, call: Call) -> Reply:
        if call.headers.get("authorization") != "Bearer pat-right":
            return 401, {}, {"category": "INVALID_AUTHENTICATION"}
        if call.path.endswith("/search"):
            return self._search(call)
        if call.method == "GET":
            return 200, {}, {"results": []}
        return self._upsert(call.body["inputs"])

    def _upsert(self, inputs: list[dict[str, Any]]) -> Reply:
        ids = [one["id"] for one in inputs]
        bad = [one for one in ids if one in self.bad_ids]
        if len(inputs) > 100 or len(set(ids)) < len(ids) or (bad and not self.partial):
            return 400, {}, {"status": "error", "category": "VALIDATION_ERROR", "context": {"ids": bad}}
        results = []
        for one in inputs:
            if one["id"] in bad:
                continue
            assert one["idProperty"] == "voc_case_id"
            if one["id"] not in self.tickets:
                assert one["properties"]["hs_pipeline_stage"]  # demanded of a new ticket
            kept = self.tickets.setdefault(one["id"], {})
            kept.update(one["properties"], voc_case_id=one["id"], hs_lastmodifieddate=self.clock)
            results.append({"id": str(len(results)), "properties": {"voc_case_id": one["id"]}})
        if bad:
            return 207, {}, {"status": "COMPLETE", "results": results, "numErrors": len(bad), "errors": [{}]}
        return 200, {}, {"status": "COMPLETE", "results": results}

    def _search(self, call: Call) -> Reply:
        assert {one["operator"] for one in call.body["filterGroups"][0]["filters"]} == {"GTE", "HAS_PROPERTY"}
        rows = [{"properties": {**row, "voc_case_id": key}} for key, row in sorted(self.tickets.items())]
        start = int(call.body.get("after", 0))
        page: dict[str, Any] = {"results": rows[start : start + 1]}
        if start + 1 < len(rows):
            page["paging"] = {"next": {"after": str(start + 1)}}
        return 200, {}, page


@dataclass
class ZendeskDesk:
    """Tickets that may share an external id; creates are remembered by idempotency key; stale updates are refused."""

    tickets: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    n_updates: int = 0

    def __call__(self, call: Call) -> Reply:
        if not call.headers.get("authorization", "").startswith("Basic "):
            return 401, {}, {"error": "Couldn't authenticate you"}
        if call.path == "/api/v2/tickets.json" and call.method == "GET":
            found = [one for one in self.tickets if one["external_id"] == call.query["external_id"]]
            return 200, {}, {"tickets": found}
        if call.path == "/api/v2/tickets.json":
            return self._create(call)
        if call.path.startswith("/api/v2/incremental"):
            assert "cursor" in call.query or "start_time" in call.query
            return 200, {}, {"tickets": self.tickets, "after_cursor": "cursor-2", "end_of_stream": True}
        if call.method == "PUT":
            return self._update(int(call.path.rpartition("/")[2].removesuffix(".json")), call.body["ticket"])
        return 200, {}, {"user": {"id": 1}}

    def _create(self, call: Call) -> Reply:
        key = call.headers["idempotency-key"]
        if key in self.keys:
            return 200, {"x-idempotency-lookup": "hit"}, {"ticket": self.tickets[self.keys[key]]}
        told = dict(call.body["ticket"])
        comments = [told.pop("comment")]
        ticket = {**told, "id": len(self.tickets) + 1, "comments": comments, "updated_at": self._stamp()}
        self.keys[key] = len(self.tickets)
        self.tickets.append(ticket)
        return 201, {"x-idempotency-lookup": "miss"}, {"ticket": ticket}

    def _update(self, number: int, told: dict[str, Any]) -> Reply:
        ticket = self.tickets[number - 1]
        if ticket.get("status") == "closed":
            return 422, {}, {"error": "RecordInvalid"}
        if told.get("safe_update") and told["updated_stamp"] != ticket["updated_at"]:
            return 409, {}, {"error": "UpdateConflict"}
        ticket["comments"] = [*ticket["comments"], told["comment"]]
        ticket.update({name: value for name, value in told.items() if name not in ("comment", "safe_update")})
        ticket["updated_at"] = self._stamp()
        return 200, {}, {"ticket": ticket}

    def _stamp(self) -> str:
        self.n_updates += 1
        return f"2026-10-29T10:{self.n_updates // 60:02d}:{self.n_updates % 60:02d}Z"


@dataclass
class SalesforceOrg:
    """Cases by external id; tokens expire; says in each answer how much of the day is used."""

    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    used: int = 100
    limit: int = 100_000
    token: str = "t1"
    n_logins: int = 0
    twice: set[str] = field(default_factory=set)

    def __call__(self, call: Call) -> Reply:
        if call.path.endswith("/oauth2/token"):
            if call.body != {"grant_type": ["client_credentials"], "client_id": ["id"], "client_secret": ["s:e"]}:
                return 400, {}, {"error": "invalid_client"}
            self.n_logins += 1
            return 200, {}, {"access_token": self.token, "token_type": "Bearer"}
        self.used += 1
        usage = {"Sforce-Limit-Info": f"api-usage={self.used}/{self.limit}"}
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return 401, usage, [{"errorCode": "INVALID_SESSION_ID"}]
        if self.used > self.limit:
            return 403, usage, [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}]
        if call.method == "PATCH":
            return self._patch(call, usage)
        if call.path.endswith("/query"):
            assert "VoC_Case_Id__c != null" in call.query["q"]
            rows = [{"VoC_Case_Id__c": key, **row} for key, row in self.cases.items()]
            return 200, usage, {"records": rows, "done": True}
        return 200, usage, {}

    def _patch(self, call: Call, usage: dict[str, str]) -> Reply:
        *_, field_name, key = call.path.split("/")
        assert field_name == "VoC_Case_Id__c" and field_name not in call.body
        if key in self.twice:
            return 300, usage, ["/services/data/v62.0/sobjects/Case/1", "/services/data/v62.0/sobjects/Case/2"]
        is_new = key not in self.cases
        self.cases.setdefault(key, {}).update(call.body, SystemModstamp="2026-10-29T11:00:00.000+0000", OwnerId="005X")
        return (201 if is_new else 204), usage, ({"id": "500", "success": True, "created": True} if is_new else None)
