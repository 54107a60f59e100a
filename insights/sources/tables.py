"""Sources that are tables already (CRM pictures, departures, contacts, invitations): a declared mapping, column-wise.

Cells that do not fit the contract's type put their row in quarantine; the others are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from insights.contracts import BY_NAME
from insights.errors import SourceError
from insights.sources.base import feedback_id

TRUE = {"true", "1", "yes", "oui", "y", "t"}
FALSE = {"false", "0", "no", "non", "n", "f"}


@dataclass(frozen=True)
class TableSource:
    """A table file. `columns` maps contract columns to file columns; `identities` columns are hashed, never stored.

    A `feedback_id` column holds the response's id in `feedback_source`, and becomes the lake's id.
    """

    name: str
    patterns: tuple[str, ...]
    table: str
    columns: Mapping[str, str]
    delimiter: str = ";"
    identities: Mapping[str, str] = field(default_factory=dict)
    feedback_source: str = ""


@dataclass(frozen=True)
class TableBatch:
    """Rows that fit, rows that do not (with `reason` and `detail`), and (kind, value, customer_id) to hash."""

    rows: pd.DataFrame
    rejected: pd.DataFrame
    identities: list[tuple[str, str, str]]


def read_table(source: TableSource, path: Path) -> TableBatch:
    """Read and convert one file. Raises SourceError with the file's name when it has another shape."""
    raw = _read(source, path)
    missing = [column for column in source.columns.values() if column not in raw.columns]
    if missing:
        raise SourceError(
            f"{path.name}, line 1: column(s) {', '.join(missing)} not found; it has {', '.join(raw.columns)}."
        )
    contract = BY_NAME[source.table]
    types = {column.name: column.type for column in contract.columns}
    converted: dict[str, pd.Series] = {}
    reasons = pd.Series("", index=raw.index, dtype=object)
    for target, origin in source.columns.items():
        values, bad = _convert(raw[origin], types[target])
        if target in contract.key:
            bad |= values.isna()
        reasons[bad & (reasons == "")] = f"bad_{target}: does not fit {types[target]}"
        if target == "feedback_id" and source.feedback_source:
            values = values.map(lambda found: feedback_id(source.feedback_source, found), na_action="ignore")
        converted[target] = values
    rows = pd.DataFrame(converted)
    twice = rows.duplicated(list(contract.key), keep="first") & (reasons == "")
    reasons[twice] = f"duplicate_key: {', '.join(contract.key)} stands twice in the file"
    good = reasons == ""
    return TableBatch(rows[good], _rejected(raw, reasons, good), _identities(source, raw[good], rows[good]))


def _read(source: TableSource, path: Path) -> pd.DataFrame:
    if not path.is_file() or path.stat().st_size == 0:
        raise SourceError(f"{path.name}: the file is absent or empty. Export it again, or leave it out.")
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(
            path, sep=source.delimiter, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig"
        )
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name}: not UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    except (pd.errors.ParserError, OSError, ValueError) as error:
        raise SourceError(f"{path.name}: cannot be read as a table ({str(error).strip().splitlines()[0]}).") from error


def _convert(values: pd.Series, type_: str) -> tuple[pd.Series, pd.Series]:
    """Values in the contract's type, and which non-empty cells do not fit."""
    given = values.notna()
    if type_ == "TIMESTAMPTZ":
        out = pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601")
    elif type_ == "DATE":
        out = pd.to_datetime(values, errors="coerce", format="%Y-%m-%d" if values.dtype == "str" else None).dt.date
        out = out.where(pd.notna(out), None)
    elif type_ in {"DOUBLE", "INTEGER"}:
        out = pd.to_numeric(values, errors="coerce")
    elif type_ == "BOOLEAN":
        if values.dtype == bool:
            return values, ~given
        lowered = values.astype("str").str.strip().str.lower()
        out = lowered.map({**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)})
    else:
        out = values.astype("str").where(given, None)
    return out, given & out.isna()


def _rejected(raw: pd.DataFrame, reasons: pd.Series, good: pd.Series) -> pd.DataFrame:
    bad = raw[~good]
    parts = [str(reason).partition(": ") for reason in reasons[~good]]
    return pd.DataFrame(
        {
            "line": bad.index.to_numpy() + 2,
            "reason": [code for code, _, _ in parts],
            "detail": [detail for _, _, detail in parts],
            "raw": [row.to_json(force_ascii=False) for _, row in bad.iterrows()],
        }
    )


def _identities(source: TableSource, raw: pd.DataFrame, rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for kind, column in source.identities.items():
        if column in raw.columns:
            known = raw[column].notna()
            pairs = zip(raw.loc[known, column], rows.loc[known, "customer_id"], strict=True)
            found += [(kind, str(value), str(customer)) for value, customer in pairs]
    return found
