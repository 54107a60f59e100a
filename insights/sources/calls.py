"""What every conversation has in common: turns with roles, sampling by line of business, consent, and the item they make.

A record carries what its sidecars say under META. Only the customer's turns make the verbatim; words of a speaker whose
role is unknown are kept as turns and are nobody's voice. No emotion or sentiment that a tool gives is ever read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from insights.errors import RowError, SetAside
from insights.sources.base import KEY_PREFIX, Item, text_or_none
from insights.sources.options import DEFAULT_LINE, Options
from insights.sources.sidecars import META, SEVERAL, SIDECAR, moment
from insights.sources.speakers import ADVISER, CUSTOMER, folded, person_in, role_of

COPIED = (
    "segment", "touchpoint", "journey_stage", "product", "brand", "region", "agent_team", "country", "site_country",
    "customer_id",
)  # fmt: skip
OF_ONE = frozenset({"call_id", "customer_id", "customer_email", "customer_phone", "started_at", "deleted"})
SET_ASIDE = {
    "no_recording_share": "no share is declared for its line of business: declare recording_share in sources.yaml",
    "not_recorded": "the index says that the call was not to be recorded",
    "not_sampled": "outside the share of calls that may be read on its line of business",
    "sidecar": "describes other files and is read with them",
}
_VOICES = {CUSTOMER: ("customer_speaker", "customer_name"), ADVISER: ("agent_speaker", "agent_name")}
_YES = frozenset({"yes", "oui", "y", "o", "true", "1", "given", "granted", "accepted", "accord", "accepte"})
_NO = frozenset({"no", "non", "n", "false", "0", "refused", "denied", "refus", "refuse", "opposition", "revoked"})
_SILENT = frozenset({"", "not_asked", "none", "null", "non_demande"})


@dataclass(frozen=True)
class Utterance:
    """What one voice said without a break. `label` is what the file calls the speaker, never stored."""

    text: str
    label: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    confidence: float | None = None
    channel: object = None
    role: str = ""  # known from elsewhere than the label


@dataclass(frozen=True)
class Conversation:
    """A conversation before its item. `call_id` is the tool's; without one the file's name and start stand for it."""

    said: Sequence[Utterance]
    started_at: Any
    call_id: str = ""
    kind: str = "call"
    channel: str = "phone"
    sampled: bool = True  # a recording: the law of recordings holds
    consent: str | None = None
    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


def usable(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the sidecars say. Raises SetAside for a sidecar itself, RowError where they say something else."""
    if SIDECAR in data:
        raise SetAside(f"sidecar: {SET_ASIDE['sidecar']}")
    meta = data.get(META) or {}
    if not isinstance(meta, Mapping):
        raise RowError("bad_meta: an object is expected")
    return meta


def call_item(spoken: Conversation, meta: Mapping[str, Any], options: Options) -> Item:
    """The item of a conversation. Raises SetAside outside the sample, RowError without words or with a bad date."""
    call_id = str(_said(meta, "call_id", options) or spoken.call_id)
    started_at = _start(spoken, meta, options)
    feedback = _described(meta, options, started_at)
    key = call_id or f"{meta.get('file') or ''}|{started_at.isoformat()}"
    if _flag(_said(meta, "deleted", options), "deleted") == "yes":
        return Item(source_id=f"{KEY_PREFIX}{key}", feedback=feedback, deleted=True)
    if spoken.sampled:
        _refuse_unsampled(key, feedback.get("segment"), meta, options)
    turns = tuple(
        _turn(number, one, _role(one, meta, options)) for number, one in enumerate(_spoken(spoken.said), start=1)
    )
    if not turns:
        raise RowError("empty_row: a conversation without words")
    words = [turn["text"] for turn in turns if turn["speaker"] == CUSTOMER]
    return Item(
        source_id=f"{KEY_PREFIX}{key}",
        feedback={
            "kind": spoken.kind,
            "channel": spoken.channel,
            **feedback,
            "verbatim": "\n".join(words) or None,
            "consent": _consent(meta, spoken, options),
        },
        turns=turns,
        names=_names(spoken, meta),
        emails=_given(spoken.emails, _said(meta, "customer_email", options)),
        phones=_given(spoken.phones, _said(meta, "customer_phone", options)),
    )


def joined(said: Iterable[Utterance]) -> list[Utterance]:
    """Neighbouring utterances of one known label as one; those without label stay as they are."""
    out: list[Utterance] = []
    for one in said:
        if out and one.label is not None and (one.label, one.channel) == (out[-1].label, out[-1].channel):
            out[-1] = join_two(out[-1], one)
        else:
            out.append(one)
    return out


def join_two(first: Utterance, second: Utterance) -> Utterance:
    """Two utterances of one voice as one; the confidence is their mean by words."""
    text = f"{first.text} {second.text}".strip()
    weights = [(one.confidence, max(len(one.text.split()), 1)) for one in (first, second)]
    known = [(value, weight) for value, weight in weights if value is not None]
    mean = sum(value * weight for value, weight in known) / sum(w for _, w in known) if known else None
    return Utterance(text, first.label, first.start_s, second.end_s, mean, first.channel, first.role)


def is_sampled(call_id: str, share: float) -> bool:
    """Whether a call is in the sample: the same answer at every reading, and a greater share keeps the smaller one's."""
    drawn = int.from_bytes(hashlib.sha256(f"recording:{call_id}".encode()).digest()[:8], "big") / 2**64
    return drawn < share


def number(value: Any) -> float | None:
    """A finite number, or None."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if abs(found) < 1e9 else None


def _spoken(said: Iterable[Utterance]) -> list[Utterance]:
    return [one for one in said if one.text.strip()]


def _role(one: Utterance, meta: Mapping[str, Any], options: Options) -> str:
    """The role of a voice: what the sidecar says of its label in this call first, then the options and our words."""
    if one.role:
        return one.role
    label = folded(one.label or "")
    for role, columns in _VOICES.items():
        if label and label in {folded(str(meta[column])) for column in columns if meta.get(column)}:
            return role
    return role_of(one.label, options, one.channel)


def _turn(turn_no: int, one: Utterance, role: str) -> dict[str, Any]:
    confidence = one.confidence
    return {
        "turn_no": turn_no,
        "speaker": role,
        "start_s": one.start_s,
        "end_s": one.end_s,
        "text": one.text.strip(),
        "asr_confidence": None if confidence is None else round(min(max(confidence, 0.0), 1.0), 4),
    }


def _start(spoken: Conversation, meta: Mapping[str, Any], options: Options) -> datetime:
    """When it began: the sidecar's word, else the conversation's own, else the date in the file's name."""
    said = _said(meta, "started_at", options) or spoken.started_at or meta.get("named_at")
    if not said:
        raise RowError("missing_started_at: no date in the conversation, in a sidecar or in the file's name")
    return moment(said, options.timezone)


def _said(meta: Mapping[str, Any], column: str, options: Options) -> Any:
    """A column of the sidecar under our name or the company's own (`Options.fields`), else the declared constant."""
    if SEVERAL in meta and column in OF_ONE:
        return None
    own = options.fields.get(column)
    found = meta.get(own) if own and own in meta else meta.get(column)
    return options.constants.get(column) if found in (None, "") else found


def _described(meta: Mapping[str, Any], options: Options, started_at: datetime) -> dict[str, Any]:
    found = {name: text_or_none(_said(meta, name, options)) for name in COPIED}
    feedback: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
    received = _said(meta, "received_at", options)
    delayed = started_at + timedelta(days=options.available_delay_days)
    feedback |= {
        "occurred_at": started_at,
        "available_at": moment(received, options.timezone, "received_at") if received else delayed,
        "available_basis": "source" if received else "declared",
        "recontact": _flag(_said(meta, "recontact", options), "recontact"),
    }
    if revised := _said(meta, "revised_at", options):
        feedback["revised_at"] = moment(revised, options.timezone, "revised_at")
    return feedback


def _refuse_unsampled(key: str, segment: Any, meta: Mapping[str, Any], options: Options) -> None:
    if _flag(_said(meta, "recorded", options), "recorded") == "no":
        raise SetAside(f"not_recorded: {SET_ASIDE['not_recorded']}")
    shares = options.recording_share
    share = shares.get(str(segment), shares.get(DEFAULT_LINE))
    if share is None:
        raise SetAside(f"no_recording_share: {SET_ASIDE['no_recording_share']}")
    if not is_sampled(key, share):
        raise SetAside(f"not_sampled: {SET_ASIDE['not_sampled']}")


def _consent(meta: Mapping[str, Any], spoken: Conversation, options: Options) -> str:
    """A refusal said anywhere counts; else what was said."""
    said = [_flag(_said(meta, "consent", options), "consent"), spoken.consent or "not_asked"]
    return next((answer for answer in ("no", "yes") if answer in said), "not_asked")


def _flag(value: Any, column: str) -> str:
    """yes, no or not_asked. Raises RowError for any other word: consent is never guessed."""
    word = folded(str(value)) if value is not None else ""
    if word in _YES:
        return "yes"
    if word in _NO:
        return "no"
    if word in _SILENT:
        return "not_asked"
    raise RowError(f"bad_{column}: neither yes, no nor not_asked")


def _names(spoken: Conversation, meta: Mapping[str, Any]) -> tuple[str, ...]:
    found = (person_in(one.label) for one in spoken.said)
    said = (text_or_none(meta.get(column)) for column in ("customer_name", "agent_name"))
    return tuple(dict.fromkeys(name for name in (*spoken.names, *found, *said) if name))


def _given(known: Sequence[str], more: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in (*known, text_or_none(more)) if value))
