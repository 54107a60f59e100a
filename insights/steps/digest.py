"""The weekly digest: built from the week's tables, checked against the lake, written to files, sent when configured."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from insights.cases import cases_frame, fold_cases
from insights.digest import Digest, RenderedDigest, build, compare, published_rows, render, verify
from insights.digest.content import last_complete_day
from insights.digest.owners import Owner, load_owners
from insights.errors import DeliveryError
from insights.i18n import LANGUAGES
from insights.lake import Lake
from insights.ledger import Ledger
from insights.outbox.smtp import Mail, MailReport, Relay, send_digests
from insights.priorities import WINDOW_DAYS
from insights.settings import Settings
from insights.steps.resolved import registry, resolve_column, seen
from insights.steps.run_log import StepReport, recorded
from insights.steps.tabling import irritant_rows
from insights.steps.weekly import weekly
from insights.steps.window import analysis_day, monday

VERBATIMS = """
SELECT m.*, i.irritant_id, i.confidence, f.channel
FROM mention m
JOIN irritant_now i USING (mention_id)
JOIN feedback f USING (feedback_id)
WHERE m.voice = 'customer' AND m.polarity < -0.15 AND m.occurred_at >= $since
  AND f.suspect_wave IS NULL
"""
# eight weeks of what was answered, whole: all that the comparison of scores needs
SCORES = """
SELECT day, metric, survey, scale, sum(numerator) AS numerator, sum(denominator) AS denominator,
    sum(n_positive)::BIGINT AS n_positive, sum(n_negative)::BIGINT AS n_negative, sum(squares) AS squares,
    CASE WHEN count(denominator_weighted) = count(*) THEN sum(denominator_weighted) END AS denominator_weighted,
    sum(positive_weighted) AS positive_weighted, sum(negative_weighted) AS negative_weighted,
    sum(weight_squares) AS weight_squares
FROM metric_daily WHERE day > $since GROUP BY day, metric, survey, scale ORDER BY day, metric, survey, scale
"""
QUOTED = "SELECT * FROM mention WHERE mention_id IN (SELECT unnest($ids))"
WEEKS_SHOWN = 26


def digest(lake: Lake, ledger: Ledger, *, run_id: str, dry_run: bool | None = None) -> StepReport:
    """Write the digest in both languages and send it to its owners; one that fails its own check is not sent."""
    settings = lake.settings
    dry = settings.dry_run if dry_run is None else dry_run
    with recorded(lake, run_id, "digest") as report:
        written: dict[str, tuple[Digest, RenderedDigest]] = {}
        for language in LANGUAGES:
            made = compose(lake, ledger, language)
            problems = check(lake, made)
            if problems:
                raise DeliveryError("The digest fails its own check and is not sent: " + "; ".join(problems))
            written[language] = (made, render(made))
        paths = [_write(settings, *pair) for pair in written.values()]
        with lake.write() as writer:
            for made, _ in written.values():
                report.n_out += writer.upsert("published", published_rows(made))
        report.n_in = len(written)
        report.note = {"written": str(paths[0])} | _sent(ledger, settings, written, dry)
    return report


def compose(lake: Lake, ledger: Ledger, language: str) -> Digest:
    """The digest of the business day's week in one language; nothing is written."""
    settings, known = lake.settings, registry(ledger)
    reader = seen(lake, ledger, known)
    day = analysis_day(lake)
    at = settings.business_now()
    as_of = at if day == settings.business_day() else datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
    last_day = last_complete_day(as_of, settings.timezone)
    since = pd.Timestamp(day - timedelta(weeks=WEEKS_SHOWN), tz="UTC")
    return build(
        priorities=resolve_column(lake.read("SELECT * FROM priority WHERE week = $week", week=monday(day)), known),
        weekly=weekly(reader, known),
        scores=compare(lake.read(SCORES, since=last_day - timedelta(weeks=8)), last_day, settings.min_answers),
        verbatims=reader.read(VERBATIMS, since=since),
        cases=cases_frame(fold_cases(ledger.events(("case.",))), at),
        registry=irritant_rows(known),
        snapshot_id=lake.snapshot_id(),
        week=monday(day),
        as_of=as_of,
        language=language,
        company=settings.company,
        timezone=settings.timezone,
        window_days=WINDOW_DAYS,
        dashboard_url=settings.dashboard_url,
        example=settings.simulated,
    )


def check(lake: Lake, made: Digest) -> list[str]:
    """Problems of a digest: each quote is read again from the lake by its id."""
    ids = [quote.mention_id for quote in made.quotes]
    return verify(made, lake.read(QUOTED, ids=ids) if ids else lake.read("SELECT * FROM mention LIMIT 0"))


def _folder(settings: Settings) -> Path:
    return settings.out_dir / "digests"


def _write(settings: Settings, made: Digest, rendered: RenderedDigest) -> Path:
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{made.publication_id}.html"
    path.write_text(rendered.standalone_html(), encoding="utf-8")
    path.with_suffix(".txt").write_text(rendered.text, encoding="utf-8")
    return path


def last_digest(settings: Settings) -> list[Path]:
    """Files of the newest digest, in both languages."""
    found = sorted(_folder(settings).glob("digest-*.html"))
    newest = max((path.name[: len("digest-0000-00-00")] for path in found), default="")
    return [path for path in found if newest and path.name.startswith(newest)]


def _sent(
    ledger: Ledger, settings: Settings, written: dict[str, tuple[Digest, RenderedDigest]], dry: bool
) -> dict[str, object]:
    """Hand the mails to the relay, or write them as files on a dry run."""
    if not settings.smtp_host and not dry:
        return {"mail": "no relay configured (VOC_SMTP_HOST)"}
    mails = [
        _mail(owner, *written[owner.language])
        for owner in load_owners(settings.reference_dir / "owners.yaml")
        if owner.digest == "weekly"
    ]
    report: MailReport = send_digests(
        ledger, _relay(settings), mails, datetime.now(UTC), dry_run=dry, out_dir=settings.out_dir
    )
    if dry:
        return {"mail": f"{len(report.files)} mails written to files, none sent (dry run)"}
    counts = {name: len(getattr(report, name)) for name in ("accepted", "again", "already", "held", "failed")}
    return {**counts, "why": report.failed}


def _relay(settings: Settings) -> Relay:
    return Relay(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_user,
        settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        settings.smtp_starttls,
        settings.mail_from,
    )


def _mail(owner: Owner, made: Digest, rendered: RenderedDigest) -> Mail:
    week: date = made.week
    return Mail(
        made.publication_id, week, owner.owner_id, owner.email, rendered.subject, rendered.html, rendered.text,
        rendered.images, owner.language,
    )  # fmt: skip
