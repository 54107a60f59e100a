"""The registry in words: where an irritant stands, where it came from, what an event did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dashboard.page import Page
from dashboard.words import plural
from insights.contracts import UNCLASSIFIED
from insights.irritants.registry import Irritant, Theme

MACHINES = ("policy", "discover", "import")


def place(page: Page, irritant_id: str) -> str:
    """Name of an irritant; `none of them` for what belongs to none."""
    return page._("none of the irritants") if irritant_id == UNCLASSIFIED else page.label(irritant_id)


def quoted(page: Page, irritant_id: str) -> str:
    """The name in the quotation marks of the language; no marks around `none of the irritants`."""
    name = place(page, irritant_id)
    return name if irritant_id == UNCLASSIFIED else in_quotes(page, name)


def in_quotes(page: Page, text: str) -> str:
    return page._("“{name}”").format(name=text)


def theme_name(page: Page, theme: Theme | None) -> str:
    """Name of a theme; `No theme` without one."""
    if theme is None:
        return page._("No theme")
    name, borrowed = theme.label(page.language)
    return f"{name} ({borrowed.upper()})" if borrowed else name


def theme_of(page: Page, irritant_id: str) -> str:
    return theme_name(page, page.registry.theme_of(irritant_id))


def status(page: Page, code: str) -> str:
    _ = page._
    words = {"emerging": _("new"), "active": _("active"), "dormant": _("dormant"), "merged": _("merged")}
    return words.get(code, code)


def standing(page: Page, irritant: Irritant) -> str:
    """Its status, and whether it is hidden."""
    said = status(page, irritant.status)
    return page._("{status}, hidden").format(status=said) if irritant.hidden else said


def lineage(page: Page, irritant: Irritant) -> str:
    """Where an irritant came from, in words."""
    _ = page._
    words = {
        "first fit": _("found by the first discovery"),
        "discovered": _("found by a later discovery"),
        "weak signal": _("made from a group that was growing"),
        "declared": _("created by a person"),
        "born": _("created by a person"),
    }
    told = irritant.lineage
    if found := re.match(r"split of (IR-\d+)", told):
        return _("taken out of {irritant}").format(irritant=quoted(page, found[1]))
    if found := re.match(r"merged into (IR-\d+)", told):
        return _("merged into {irritant}").format(irritant=quoted(page, found[1]))
    if found := re.match(r"imported from (.+?)(?:, code (.+))?$", told):
        code = _(", code {code}").format(code=found[2]) if found[2] else ""
        return _("imported from {source}").format(source=found[1]) + code
    return words.get(told, told)


def received(page: Page, irritant_id: str) -> list[str]:
    """Names of the irritants that were merged into this one and of those taken out of it."""
    _, all_of_them = page._, page.registry.irritants.values()
    came = [one for one in all_of_them if one.merged_into == irritant_id]
    left = [one for one in page.registry.living() if one.lineage == f"split of {irritant_id}"]
    told = [_("{irritant} was merged into it").format(irritant=_own(page, one)) for one in came]
    return told + [_("{irritant} was taken out of it").format(irritant=_own(page, one)) for one in left]


def _own(page: Page, irritant: Irritant) -> str:
    """The irritant's own name, also when it now stands for another."""
    return in_quotes(page, irritant.label(page.language)[0])


def who(page: Page, actor: str) -> str:
    return page._("by rule") if actor in MACHINES else actor


def event(page: Page, row: Mapping[Any, Any], about: str) -> str:
    """What one row of `curate.history` did, told from the side of the irritant `about`."""
    _, payload, subject = page._, row["payload"], str(row["subject"])
    names = [str(payload[name]) for name in ("label_fr", "label_en") if payload.get(name)]
    here = subject == about
    if row["kind"] == "corrected":
        return _corrected(page, payload, subject)
    if row["kind"] == "merged":
        sentence = _("merged into {other}") if here else _("{one} merged into it")
        return sentence.format(one=_known(page, subject), other=_known(page, str(payload["into"])))
    if row["kind"] == "split":
        parts = ", ".join(_known(page, str(part["irritant_id"])) for part in payload["into"])
        return (_("taken out: {parts}") if here else _("taken out of {one}")).format(
            parts=parts, one=_known(page, subject)
        )
    simple = {
        "born": _("named {names}").format(names=" / ".join(names)) if names else _("active again"),
        "renamed": _("named {names}").format(names=" / ".join(names)) if names else _("new definition"),
        "moved": _("theme: {theme}").format(theme=theme_name(page, page.registry.themes.get(payload.get("parent")))),
        "retired": _("put to rest (dormant)"),
        "hidden": _("hidden from lists and digests"),
        "shown": _("shown again"),
        "owner": _("owner: {owner}").format(owner=payload.get("owner") or _("nobody")),
        "theme": _("theme named {names}").format(names=" / ".join(names)),
        "undone": _("an earlier change taken back"),
    }
    return simple.get(str(row["kind"]), str(row["kind"]))


def _corrected(page: Page, payload: Mapping[str, Any], subject: str) -> str:
    _, n, to = page._, int(payload.get("n_texts", 1)), str(payload["to"])
    if to == subject:
        one, many = _("{n} text confirmed here"), _("{n} texts confirmed here")
    else:
        one, many = _("{n} text moved from {one} to {other}"), _("{n} texts moved from {one} to {other}")
    return plural(n, one, many, page.language).format(
        n=page.fmt.number(n), one=_known(page, subject), other=_known(page, to)
    )


def _known(page: Page, irritant_id: str) -> str:
    """The irritant's own name, in quotation marks, also when it now stands for another."""
    found = page.registry.irritants.get(irritant_id)
    return _own(page, found) if found else quoted(page, irritant_id)
