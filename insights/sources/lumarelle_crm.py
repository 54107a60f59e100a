"""CRM pictures of the demo company, one file a month end, each archived."""

from insights.contracts import CUSTOMER_SNAPSHOT
from insights.sources.tables import TableSource

ABSENT = frozenset(  # every customer is an account of its own here, and nobody is asked for a consent to sales calls
    {"account_id", "preferred_channel", "consent_phone_at", "consent_phone_source", "consent_withdrawn_at"}
)

SOURCE = TableSource(
    name="lumarelle_crm",
    patterns=("crm/customers_*.parquet", "crm/customers_*.csv"),
    table="customer_snapshot",
    columns={
        **{name: name for name in CUSTOMER_SNAPSHOT.column_names if name not in ABSENT},
        "available_at": "held_at",
    },
    identities={"email": "email", "phone": "phone", "first_name": "first_name", "last_name": "last_name"},
)
