"""`/answers/`, `/preferences/`, `/unsubscribe/`: a digest's links. GET and HEAD change nothing; POST records once.

Mail scanners follow links: so a page asks first. RFC 8058: a mail program's one-click POST may stop the digest at once.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from insights.answers import Answer, LinkError, Token, frequency, words
from insights.answers.model import ANSWERS, FREQUENCIES, NEVER, OPEN_FREQUENCY, UNSUBSCRIBE
from insights.answers.token import EXPIRED, FORGED, read
from insights.answers.words import STANDS, USED, Said, Translate
from insights.digest.owners import Owner
from insights.digest.words import Words
from insights.i18n import LANGUAGES, translator
from insights.intake.gauges import Gauges
from insights.intake.limits import Rate, TooLarge, TooSlow, bounded_body
from insights.ledger import Ledger
from insights.settings import Settings
from insights.steps import answers as steps
from insights.steps.fresh import Fresh
from insights.steps.mailing import OWNERS, owners_of
from insights.steps.resolved import registry

LOG = logging.getLogger("voc.intake")
LABEL = "answers"  # of the figures
LARGEST_FORM = 4096  # bytes
PER_MINUTE = 60  # posts of one recipient
STRANGE = ("forged", "expired", "too_large")
TEMPLATES = Path(__file__).parents[1] / "templates"
STYLE = (
    "body{margin:0;background:#eef1f4;color:#1d2730;font:17px/1.5 Arial,Helvetica,sans-serif}"
    "main{max-width:36rem;margin:0 auto;padding:1.5rem 1.1rem}section{background:#fff;padding:1rem 1.2rem;margin:0 0 1rem}"
    "h1{font-size:1.35rem}h2{font-size:1.1rem}h1,h2{margin:.2rem 0 .6rem;overflow-wrap:anywhere}.from{color:#55626d}"
    "p{margin:.4rem 0;overflow-wrap:anywhere}fieldset{border:0;padding:0;margin:.6rem 0}legend{position:absolute;left:-99rem}"
    "label{display:block;padding:.3rem 0}button{font:inherit;font-weight:bold;color:#fff;background:#00588a;border:0;"
    "border-radius:5px;padding:.6rem 1.2rem;margin:.6rem 0;min-height:44px}"
    "button:focus-visible,input:focus-visible{outline:3px solid #d55e00;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{background:#12171c;color:#f0f3f5}section{background:#1b2229}.from{color:#a3b0ba}"
    "button{background:#7cc4ee;color:#10222e}}"
)
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
Says = Callable[[Translate, str], Said]  # words of a page in a language, given as translator and code


@dataclass(frozen=True)
class Shown:
    """A page to send. `code` tells a refusal in the figures; empty: none. `says` is called once a language."""

    status: int
    says: Says
    language: str = "fr"
    code: str = ""
    current: str = ""


@dataclass(frozen=True)
class _Link:
    token: Token
    owner: Owner


class AnswerDesk:
    """Reads links and records what they say, one request after the other."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._rate = Rate(PER_MINUTE)
        self._owners = Fresh([settings.reference_dir / OWNERS], lambda: owners_of(settings))

    def ask(self, ledger: Ledger, text: str, purposes: tuple[str, ...]) -> Shown:
        """The page behind a link before anything is confirmed. Writes nothing."""
        try:
            link = self._read(ledger, text, purposes)
        except LinkError as error:
            return _bad(error)
        owner = link.owner
        if link.token.answer == UNSUBSCRIBE:
            return Shown(200, lambda _, _code: words.unsubscribe(_, owner.name), owner.language)
        if link.token.answer == OPEN_FREQUENCY:
            now = frequency(steps.answers(ledger).wishes, owner.owner_id, owner.digest)
            return Shown(
                200, lambda _, _code: words.choose(_, owner.name, FREQUENCIES, now), owner.language, current=now
            )
        if (found := self._answered(ledger, link)) is not None:
            return found
        if (labels := _labels(ledger, link.token.irritant_id)) is None:
            return Shown(410, lambda _, _code: words.gone(_), owner.language, "gone")
        return Shown(200, lambda _, code: words.confirm(_, link.token.answer, labels[code], owner.name), owner.language)

    def take(self, ledger: Ledger, text: str, purposes: tuple[str, ...], form: Mapping[str, str]) -> Shown:
        """Record what a confirmed link says, and the page that tells it."""
        try:
            link = self._read(ledger, text, purposes)
        except LinkError as error:
            return _bad(error)
        owner, token = link.owner, link.token
        if self._rate.wait_seconds(owner.owner_id):
            return Shown(429, lambda _, _code: words.busy(_), owner.language, "too_many")
        one_click = token.answer == UNSUBSCRIBE and form.get("List-Unsubscribe") == "One-Click"
        wanted = NEVER if token.answer == UNSUBSCRIBE else form.get("frequency", "")
        if not one_click and form.get("confirm") != "yes":
            return Shown(400, lambda _, _code: words.unclear(_), owner.language, "unconfirmed")
        if token.answer in ANSWERS:
            return self._answer(ledger, link)
        if wanted not in FREQUENCIES:
            return Shown(400, lambda _, _code: words.unclear(_), owner.language, "unconfirmed")
        via = "one_click" if one_click else "page"
        at = self.settings.business_now()
        steps.wish(ledger, owner.owner_id, wanted, via=via, actor=owner.owner_id, at=at)
        return Shown(200, lambda _, _code: words.chosen(_, wanted), owner.language)

    def _answer(self, ledger: Ledger, link: _Link) -> Shown:
        token, owner = link.token, link.owner
        if (labels := _labels(ledger, token.irritant_id)) is None:
            return Shown(410, lambda _, _code: words.gone(_), owner.language, "gone")
        taken = steps.take(ledger, token, owner, at=self.settings.business_now())
        if taken.before is not None:
            return self._before(taken.before, link)
        return Shown(200, lambda _, code: words.thanks(_, token.answer, labels[code], taken.action_id), owner.language)

    def _answered(self, ledger: Ledger, link: _Link) -> Shown | None:
        before = steps.answered_before(ledger, link.token)
        return None if before is None else self._before(before, link)

    def _before(self, before: Answer, link: _Link) -> Shown:
        why = USED if before.answer == link.token.answer else STANDS

        def says(_: Translate, code: str) -> Said:
            day = Words(code, self.settings.timezone).long_day(before.at.date())
            return words.before(_, before.answer, day, why)

        return Shown(409, says, link.owner.language, "replayed")

    def _read(self, ledger: Ledger, text: str, purposes: tuple[str, ...]) -> _Link:
        owners = {one.owner_id: one for one in self._owners.get()}
        address = {name: one.email for name, one in owners.items()}
        token = read(text, address.get, ledger.keys.link_versions(), self.settings.business_now())
        if token.answer not in purposes:
            raise LinkError(FORGED)
        return _Link(token, owners[token.recipient_id])


def add_routes(app: FastAPI, settings: Settings, rate: Callable[[str], int]) -> None:
    """Add the three addresses to the intake. `rate`: seconds until one more link that cannot be used may be answered, 0 for now."""
    desk = AnswerDesk(settings)
    for path, purposes in (("answers", ANSWERS), ("preferences", (OPEN_FREQUENCY,)), ("unsubscribe", (UNSUBSCRIBE,))):
        _add(app, desk, rate, path, purposes)


def _add(app: FastAPI, desk: AnswerDesk, rate: Callable[[str], int], path: str, purposes: tuple[str, ...]) -> None:
    async def look(token: str) -> Response:
        return await _told(app, desk, rate, lambda: desk.ask(app.state.ledger, token, purposes))

    async def confirm(token: str, request: Request) -> Response:
        try:
            declared = request.headers.get("content-length")
            body = await bounded_body(request.stream(), declared, LARGEST_FORM)
        except (TooLarge, TooSlow) as error:
            status, code = (413, "too_large") if isinstance(error, TooLarge) else (408, "too_slow")
            return _page(desk.settings, Shown(status, lambda _, _code: words.unclear(_), code=code))
        form = form_of(request.headers.get("content-type", ""), body)
        return await _told(app, desk, rate, lambda: desk.take(app.state.ledger, token, purposes, form), posted=True)

    app.add_api_route(f"/{path}/{{token}}", look, methods=["GET", "HEAD"])
    app.add_api_route(f"/{path}/{{token}}", confirm, methods=["POST"])


async def _told(
    app: FastAPI, desk: AnswerDesk, rate: Callable[[str], int], act: Callable[[], Shown], *, posted: bool = False
) -> Response:
    """The page, counted."""
    gauges: Gauges = app.state.gauges
    try:
        shown, wait = await run_in_threadpool(act), 60
    except Exception as error:  # whatever it is, its text may hold a link: only its name is told
        LOG.error("An answer to a digest could not be kept: %s", type(error).__name__)
        shown, wait = Shown(503, lambda _, _code: words.busy(_), code="not_kept"), 5
    if shown.code in STRANGE and (seconds := rate(LABEL)):  # guessing is slowed, a reader's genuine link never is
        shown, wait = Shown(429, lambda _, _code: words.busy(_), code="too_many"), seconds
    if shown.code:
        gauges.refused.labels(LABEL, shown.code).inc()
    elif posted:
        gauges.received.labels(LABEL).inc()
    response = _page(desk.settings, shown)
    if shown.status in (429, 503):
        response.headers["Retry-After"] = str(wait)
    return response


def form_of(content_type: str, body: bytes) -> dict[str, str]:
    """Fields of a posted form, urlencoded or multipart (RFC 8058 allows both); empty for what is no form."""
    if content_type.lower().startswith("multipart/form-data"):
        message = message_from_bytes(b"Content-Type: " + content_type.encode("latin-1", "ignore") + b"\r\n\r\n" + body)
        found = {}
        for part in message.walk():
            name, value = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(value, bytes):
                found[name] = value.decode("utf-8", "replace").strip()
        return found
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _labels(ledger: Ledger, irritant_id: str) -> dict[str, str] | None:
    """Name of an irritant in each language; None when it does not exist any more."""
    known = registry(ledger)
    found = known.irritants.get(known.resolve(irritant_id))
    return None if found is None else {language: found.label(language)[0] for language in LANGUAGES}


def _bad(error: LinkError) -> Shown:
    if error.reason == EXPIRED:
        return Shown(410, lambda _, _code: words.expired(_), code="expired")
    return Shown(403, lambda _, _code: words.forged(_), code="forged")


def _page(settings: Settings, shown: Shown) -> Response:
    order = sorted(LANGUAGES, key=lambda one: one != shown.language)
    parts = [(one, shown.says(translator(one), one)) for one in order]
    html = _template().get_template("answer.html.j2").render(
        parts=parts, company=settings.company, style=STYLE, current=shown.current
    )  # fmt: skip
    return Response(html, shown.status, dict(HEADERS), "text/html; charset=utf-8")


@lru_cache(maxsize=1)
def _template() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
