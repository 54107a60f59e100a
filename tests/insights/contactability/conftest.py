"""The rules of contact as the project ships them."""

from __future__ import annotations

import pytest
from law_tools import REFERENCE

from insights.contactability import FILE, ContactRules, load_contact_rules


@pytest.fixture(scope="session")
def rules() -> ContactRules:
    return load_contact_rules(REFERENCE / FILE)
