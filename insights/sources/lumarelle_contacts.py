"""All contacts with the demo company, survey or not: waiting time, transfer, abandon."""

from insights.contracts import CONTACT
from insights.sources.tables import TableSource

SOURCE = TableSource(
    name="lumarelle_contacts",
    patterns=("contacts/contacts*.csv",),
    table="contact",
    columns={**{name: name for name in CONTACT.column_names}, "available_at": "received_at"},
)
