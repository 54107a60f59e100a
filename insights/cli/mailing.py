"""`voc mailing`: digests sent and come back, who wants them how often, and what readers answered."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from insights.cli.irritants import ME
from insights.cli.say import say
from insights.settings import default_settings

app = typer.Typer(no_args_is_help=True, help="Digests by mail: what was sent, came back, was answered; preferences.")

Actor = Annotated[str, typer.Option("--by", help="Who decides.", show_default="your login")]
Who = Annotated[str, typer.Argument(help="Id of an owner in owners.yaml.")]
SHOWN_WEEKS = 8


@app.command()
def sent(weeks: Annotated[int, typer.Option(help="Newest weeks to list.", min=1)] = SHOWN_WEEKS) -> None:
    """Each week's digests: taken by the relay, in doubt, failed, bounced, answered; then addresses that get no more."""
    from insights.ledger import open_ledger
    from insights.steps.answers import answers
    from insights.steps.mailing import post, suppressed

    settings = default_settings()
    with open_ledger(settings) as ledger:
        mails, given = post(ledger).mails, answers(ledger).standing
        silent = suppressed(ledger, settings)
    answered = Counter((one.publication_id, one.recipient_id) for one in given)
    for week in sorted({week for week, _ in mails}, reverse=True)[:weeks]:
        rows = [mails[key] for key in sorted(mails) if key[0] == week]
        states = Counter(one.state for one in rows)
        say(f"{week}  {len(rows)} digests: " + ", ".join(f"{n} {state}" for state, n in sorted(states.items())))
        for one in rows:
            n = answered[one.publication_id, one.recipient_id]
            copies = f"  {one.n_in_doubt} in doubt before" if one.accepted_at and one.n_in_doubt else ""
            why = one.bounced or (str(one.code) if one.code and one.state == "failed" else "")
            say(f"  {one.recipient_id}  {one.state} {why}".rstrip() + copies + (f"  {n} answers" if n else ""))
    if not mails:
        say("No digest was handed to a relay yet (`voc digest --send`).")
    for owner in silent:
        say(f"{owner.owner_id} gets no more: two digests came back for good. Change the address in owners.yaml, or")
        say(f"  `voc mailing resume {owner.owner_id}` where the address works after all.")


@app.command()
def bounces(
    path: Annotated[Path, typer.Argument(help="An .eml file, a folder of them, or a maildir.", exists=True)],
) -> None:
    """Read delivery reports (RFC 3464) from a mailbox, and record each against the digest it speaks of, once."""
    from insights.ledger import open_ledger
    from insights.steps.mailing import take_bounces

    settings = default_settings()
    with open_ledger(settings) as ledger:
        n = take_bounces(ledger, path, settings.business_now())
    say(f"{n['mails']} mails read: {n['hard']} dead addresses, {n['soft']} other failures, {n['known']} known before.")
    if n["foreign"]:
        say(f"{n['foreign']} reports speak of no digest of ours: passed over.")


@app.command()
def preferences(
    who: Annotated[str, typer.Argument(help="Id of an owner; none: all of them.")] = "",
    frequency: Annotated[str, typer.Argument(help="weekly, fortnightly, monthly or never; none: only show.")] = "",
    by: Actor = ME,
) -> None:
    """How often each owner gets the digest, by their own wish or by owners.yaml; or set it for one who asked you."""
    from insights.errors import SettingsError
    from insights.ledger import open_ledger
    from insights.steps.answers import answers, wish
    from insights.steps.mailing import owners_of

    settings = default_settings()
    owners = [one for one in owners_of(settings) if who in ("", one.owner_id)]
    if not owners:
        raise SettingsError(f"owners.yaml has no {who!r}: `voc mailing preferences` lists its owners.")
    with open_ledger(settings) as ledger:
        if frequency:
            wish(ledger, who, frequency, via="operator", actor=by, at=settings.business_now())
        wishes = answers(ledger).wishes
    for one in owners:
        asked = wishes.get(one.owner_id)
        say(f"{one.owner_id}  {asked or one.digest}  ({'asked for' if asked else 'owners.yaml'})")


@app.command()
def answers(undone: Annotated[bool, typer.Option("--all", help="Also those taken back.")] = False) -> None:
    """What readers answered, newest first, with the number each is taken back by; then how useful it was to whom."""
    from insights.answers.usefulness import by_owner
    from insights.ledger import open_ledger
    from insights.steps.answers import answers as read

    with open_ledger(default_settings()) as ledger:
        found = read(ledger)
    for one in reversed(found.all if undone else found.standing):
        action = f"  {one.action_id}" if one.action_id else ""
        gone = "  (taken back)" if one.undone else ""
        say(f"{one.event_id}  {one.at:%Y-%m-%d}  {one.recipient_id}  {one.irritant_id}  {one.answer}{action}{gone}")
    if not found.all:
        say("No answer yet: they come by the links of the digests (VOC_PUBLIC_URL, docs/mailing.md).")
    for row in by_owner(found.standing).to_dict("records"):
        say(f"{row['key']}: useful {row['rate']:.0%} ({row['low']:.0%} to {row['high']:.0%}), {row['n']} answers")


@app.command()
def undo(event_id: int, by: Actor = ME) -> None:
    """Take an answer back, with its effects, and the action it opened where nothing was done on it yet."""
    from insights.ledger import open_ledger
    from insights.steps.answers import undo as take_back

    settings = default_settings()
    with open_ledger(settings) as ledger:
        one = take_back(ledger, event_id, actor=by, at=settings.business_now())
    say(f"{one.recipient_id}, {one.irritant_id}: « {one.answer} » taken back")


@app.command()
def resume(who: Who, by: Actor = ME) -> None:
    """Send digests again to an owner whose address came back twice, as it works after all."""
    from insights.ledger import open_ledger
    from insights.steps.mailing import resume as again

    settings = default_settings()
    with open_ledger(settings) as ledger:
        again(ledger, settings, who, actor=by, at=settings.business_now())
    say(f"{who} gets digests again.")


@app.command("rotate-links")
def rotate_links() -> None:
    """Sign links with a new key from now on; those already mailed work until they expire (`voc rotate-keys links`)."""
    from insights.cli.keys import rotate_links

    rotate_links(default_settings())
