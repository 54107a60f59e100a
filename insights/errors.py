"""The error tree. A message says what happened, where (file, table, column, row) and what to do next.

Library code raises these; only the command line and the dashboard turn them into a sentence for people.
"""


class VocError(Exception):
    """Base of every error this project raises on purpose."""


class SettingsError(VocError):
    """A setting is missing, contradictory or out of range."""


class SourceError(VocError):
    """A whole input (file, page, mapping) cannot be read. One bad row is never a SourceError: it goes to quarantine."""


class RowError(SourceError):
    """One row cannot be used. Raised inside a source, caught at the border, written to quarantine with its reason."""


class SetAside(RowError):
    """A row that is well formed and not for us (the brand's own post, a repost): counted by reason, not kept."""


class SignatureError(SourceError):
    """A webhook whose signature is absent, wrong or too old: refused, nothing is stored."""


class ContractError(VocError):
    """Data do not keep a table's contract: a missing column, a NULL key, a key twice."""


class LakeError(VocError):
    """The lake cannot be reached, or a write could not be committed."""


class LakeBusyError(LakeError):
    """Another process keeps the lake's write lock: nothing was written."""


class LedgerError(VocError):
    """The ledger cannot be reached, is not migrated, or refuses an impossible event."""


class BackupError(VocError):
    """A backup cannot be made or given back: a damaged file, another installation's keys, a place that is not empty."""


class RegistryMovedError(LedgerError):
    """Somebody else changed the registry of irritants since the caller read it: nothing was recorded."""


class ModelError(VocError):
    """A model cannot be fitted or loaded: too few rows, a missing file, another version."""


class DeliveryError(VocError):
    """A message or a webhook could not be handed over."""


class ClusterError(VocError):
    """The cluster cannot be reached, or its processes die on a part of the work."""


class MissingExtraError(VocError):
    """An optional dependency is not installed; the message names the extra that brings it."""
