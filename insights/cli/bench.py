"""`voc bench`: the project's own report, and figures on your own labelled files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli.say import say
from insights.errors import SourceError

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(no_args_is_help=True, help="Figures of this project, and on your own data.")

File = Annotated[Path, typer.Option("--file", help="CSV (comma or semicolon), TSV, XLSX or JSON Lines.")]
PAIR = 2
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command()
def report(
    part: Annotated[str, typer.Option(help="all, or one part; the others keep their figures.")] = "all",
    folder: Annotated[Path | None, typer.Option(help="Where to write; default docs/.")] = None,
) -> None:
    """Measure and write docs/benchmark.md and docs/benchmark.json."""
    from insights.bench import report as target
    from insights.bench.parts import PARTS

    unknown = part not in {"all", *PARTS}
    if unknown:
        raise SourceError(f"There is no part {part!r}: choose all, {', '.join(PARTS)}.")
    for name, measure in PARTS.items():
        if part in {"all", name}:
            say(f"==> {name}")
            entries = measure(say)
            target.write_part(name, entries, folder or target.FOLDER)
            for entry in entries:
                say(f"  {entry.name}: {entry.value:.4g} {entry.unit} ({entry.data})")


@app.command()
def irritants(
    file: File,
    text: Annotated[str, typer.Option(help="Column of the text.")],
    label: Annotated[str, typer.Option(help="Column of the human label.")],
    seeds: Annotated[int, typer.Option(min=1, help="Runs, each with its own seed.")] = 5,
    rivals: Annotated[str, typer.Option(help="Comma separated: kmeans, bertopic.")] = "kmeans",
    as_json: AsJson = False,
) -> None:
    """Agreement of our clusters with human labels: NMI, ARI, topics, share unclassified, seconds."""
    from insights.bench.irritants import bench_irritants

    frame = _with_columns(read_frame(file), file, text, label).dropna(subset=[text, label])
    names = tuple(name for name in rivals.split(",") if name)
    _print(
        bench_irritants(list(frame[text].astype(str)), list(frame[label].astype(str)), seeds=seeds, rivals=names),
        as_json,
    )


@app.command()
def churn(
    file: File,
    target: Annotated[str, typer.Option(help="Column that says who left.")],
    positive: Annotated[str, typer.Option(help="Its value for those who left.")],
    id_column: Annotated[str | None, typer.Option("--id", help="Customer id, left out of the model.")] = None,
    drop: Annotated[str, typer.Option(help="Columns to leave out, comma separated.")] = "",
    as_json: AsJson = False,
) -> None:
    """Five stratified folds: ROC-AUC, PR-AUC, Brier, ECE, slope, top-decile lift, beside logistic."""
    from insights.bench.churn import bench_churn

    columns = [name for name in (target, id_column) if name]
    frame = _with_columns(read_frame(file), file, *columns)
    dropped = tuple(name.strip() for name in drop.split(",") if name.strip())
    _print(bench_churn(_with_columns(frame, file, *dropped), target, positive, id_column, dropped), as_json)


@app.command()
def polarity(
    file: File,
    text: Annotated[str, typer.Option(help="Column of the text.")],
    label: Annotated[str, typer.Option(help="Column of the label: positive and negative, 1 and 0, or a score.")],
    bounds: Annotated[str, typer.Option(help="For a score: highest negative and lowest positive, e.g. 2,4.")] = "",
    as_json: AsJson = False,
) -> None:
    """Accuracy of our polarity on a labelled file: the company's learned model where there is one, else the lexicon."""
    from insights.bench.polarity import score_file
    from insights.mentions.polarity import LexiconPolarity, load
    from insights.settings import default_settings

    ends = [float(part) for part in bounds.split(",")] if bounds else []
    model = load(default_settings().models_dir / "polarity") or LexiconPolarity()
    _print(asdict(score_file(model, file, text, label, (ends[0], ends[1]) if len(ends) == PAIR else None)), as_json)


@app.command()
def redaction(
    file: Annotated[Path, typer.Option("--file", help='JSON Lines of {"text", "spans": [{"start", "end", "label"}]}.')],
    language: Annotated[str, typer.Option(help="Language of texts that name none: fr or en.")] = "fr",
    lower: Annotated[bool, typer.Option("--lower", help="Read every text in small letters.")] = False,
    as_json: AsJson = False,
) -> None:
    """Recall and precision of our redaction on a labelled file, by entity."""
    from insights.bench.redaction import score_file
    from insights.redaction import Redactor
    from insights.settings import default_settings

    with Redactor(default_settings().brands) as redactor:
        found = score_file(file, redactor, language, lower)
    rows = {str(row.pop("entity")): row for row in found.table.to_dict("records")}
    counts = {
        name: getattr(found, name) for name in ("n_texts", "n_clean_texts", "n_false_texts", "false_share", "seconds")
    }
    _print({**counts, "texts_per_second": found.texts_per_second, "entities": rows}, as_json)


@app.command()
def alarms(
    file: File,
    time: Annotated[str, typer.Option(help="Column of the instant of a post; without a zone it is UTC.")],
    author: Annotated[str, typer.Option(help="Column of who posted.")],
    text: Annotated[str, typer.Option(help="Column of the text.")],
    incidents: Annotated[
        Path | None, typer.Option(help="Table of real incidents with the columns start and end.")
    ] = None,
    rates: Annotated[str, typer.Option(help="Authors an hour at which outages are put in.")] = "0.5,2,12,60",
    as_json: AsJson = False,
) -> None:
    """Real incidents told week after week and injected outages, at two budgets, beside EARS-C2 and three more."""
    from insights.bench.alarms_files import bench_alarms, incidents_of, posts_of

    frame = _with_columns(read_frame(file), file, time, author, text)
    spans = incidents_of(read_frame(incidents), incidents) if incidents else []
    found = bench_alarms(posts_of(frame, time, author, text, file), spans, file.name, _numbers(rates))
    _print(found, as_json)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SourceError(f"{text!r} is no list of rates: write them as 0.5,2,12.") from error


def read_frame(path: Path) -> pd.DataFrame:
    """A labelled table. Raises SourceError with the file's name where it cannot be read."""
    import pandas as pd

    try:
        if path.suffix.lower() == ".xlsx":
            return pd.read_excel(path)
        if path.suffix.lower() in {".jsonl", ".ndjson"}:
            return pd.read_json(path, lines=True)
        if path.suffix.lower() == ".tsv":
            return pd.read_csv(path, sep="\t", quoting=3)
        return pd.read_csv(path, sep=None, engine="python", encoding="utf-8-sig")
    except (OSError, ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise SourceError(f"{path}: cannot be read as a table ({str(error).splitlines()[0]}).") from error


def _with_columns(frame: pd.DataFrame, path: Path, *columns: str) -> pd.DataFrame:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise SourceError(f"{path.name}: no column {', '.join(missing)}; it has {', '.join(map(str, frame.columns))}.")
    return frame


def _print(found: Any, as_json: bool) -> None:
    if as_json:
        say(json.dumps(found, ensure_ascii=False, indent=1, default=str))
        return
    for line in _flat(found):
        say(line)


def _flat(found: Any, prefix: str = "") -> list[str]:
    """Nested figures as `name: value` lines."""
    if isinstance(found, dict):
        return [
            line for key, value in found.items() for line in _flat(value, f"{prefix}.{key}" if prefix else str(key))
        ]
    if isinstance(found, list) and found and isinstance(found[0], float):
        return []  # the folds themselves: see --json
    return [f"{prefix}: {found:.4f}" if isinstance(found, float) else f"{prefix}: {found}"]
