"""Playbooks of the inner loop: what to ask, what to do, and which reply to start from."""

from insights.playbooks.chosen import CHOSEN, NONE, choices, edited_share, helped, ranking, reply_event, shares
from insights.playbooks.facts import amount_range, delay, fill
from insights.playbooks.load import load_playbooks, read_playbooks
from insights.playbooks.match import About, Match, match
from insights.playbooks.model import Playbook, Playbooks, Reply, Step, said
from insights.playbooks.rank import Suggested, suggest

__all__ = [
    "CHOSEN",
    "NONE",
    "About",
    "Match",
    "Playbook",
    "Playbooks",
    "Reply",
    "Step",
    "Suggested",
    "amount_range",
    "choices",
    "delay",
    "edited_share",
    "fill",
    "helped",
    "load_playbooks",
    "match",
    "ranking",
    "read_playbooks",
    "reply_event",
    "said",
    "shares",
    "suggest",
]
