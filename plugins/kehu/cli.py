"""The command line: days without Airflow, operations. Exit codes: 1 error, 2 usage, 3 rejected, 4 a plan changes something."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from kehu.action_commands import actions
from kehu.errors import FileSystemError, KehuError
from kehu.landing_commands import landing
from kehu.plan_commands import dbt, plan
from kehu.printable import printable
from kehu.settings import Settings, load_settings
from kehu.terminal import PlainLines, say

_DAY = click.option("--as-of", "as_of", required=True, metavar="YYYY-MM-DD", help="the business day to build")
_DRIFT = click.option("--accept-drift", multiple=True, metavar="CHECK", help="accept a drift check by its name")


@click.group()
@click.version_option(package_name="kehu")
def kehu() -> None:
    """Customer tables that a company can trust."""


@kehu.command()
@_DAY
@_DRIFT
@click.option("--no-publish", is_flag=True, help="stop after the gate")
def run(as_of: str, accept_drift: tuple[str, ...], no_publish: bool) -> None:
    """Ingest, build, gate and publish."""
    from kehu.clock import utc_now
    from kehu.pipeline.business_day import parse_as_of
    from kehu.pipeline.daily import run_day
    from kehu.pipeline.landing_zone import landing_notices
    from kehu.pipeline.remarks import checks_of_run, closing_lines
    from kehu.pipeline.summary import demo_summary

    settings = load_settings()
    began = utc_now()
    day = parse_as_of(as_of, began, settings.timezone)
    release_id, outcome, report = run_day(settings, day, accept_drift, not no_publish)
    if outcome is None:
        say(f"Candidate {release_id} passed the gate; publish it with `kehu publish {release_id}`.")
    elif not outcome.is_current:
        say(f"Release {release_id} is stored; BI stays with the later release. Report: {report}")
    if outcome is not None and outcome.is_current:
        say(demo_summary(settings, outcome.release_id))
    else:
        for line in closing_lines(checks_of_run(settings, release_id)):
            say(line)
    for line in landing_notices(settings, began):
        say(line)


@kehu.command()
@click.argument("source", required=False)
def ingest(source: str | None) -> None:
    """Extract one source (or all) and land what is new."""
    from kehu.pipeline.ingest import ingest_source, source_names

    settings = load_settings()
    for name in [source] if source else source_names(settings):
        for entity in ingest_source(settings, name).entities:
            say(f"{name}.{entity.entity}: {entity.describe()}")


@kehu.command()
@_DAY
@_DRIFT
def build(as_of: str, accept_drift: tuple[str, ...]) -> None:
    """Build a candidate from what is landed."""
    from kehu.clock import utc_now
    from kehu.pipeline.build import build_all
    from kehu.pipeline.business_day import parse_as_of
    from kehu.pipeline.runs import start_run

    settings = load_settings()
    now = utc_now()
    release_id = start_run(settings, parse_as_of(as_of, now, settings.timezone), now)
    build_all(settings, release_id, accept_drift)
    say(release_id)


@kehu.command()
@click.argument("release_id", required=False)
@_DRIFT
def gate(release_id: str | None, accept_drift: tuple[str, ...]) -> None:
    """Run the quality checks on a candidate (the last one built)."""
    from kehu.pipeline.gating import gate_candidate

    settings = load_settings()
    name = _run_or_latest(settings, release_id)
    gate_candidate(settings, name, accept_drift)
    say(f"{name} passed the gate")


@kehu.command()
@click.argument("release_id", required=False)
@click.option("--make-current", is_flag=True, help="also if BI reads a release of a later day")
def publish(release_id: str | None, make_current: bool) -> None:
    """Publish a gated candidate (the last one built)."""
    from kehu.pipeline.publishing import publish_run

    settings = load_settings()
    outcome = publish_run(settings, _run_or_latest(settings, release_id), make_current or None)
    say(f"{outcome.release_id} is {'current' if outcome.is_current else 'stored, not current'}")


@kehu.command()
def releases() -> None:
    """List the stored releases; the current one has a star."""
    from kehu.pipeline.reporting import list_releases

    for entry in list_releases(load_settings()):
        say(entry.describe())


@kehu.command()
@click.argument("release_id", required=False)
def rollback(release_id: str | None) -> None:
    """Point BI at an earlier release."""
    from kehu.pipeline.publishing import rollback_release

    say(f"{rollback_release(load_settings(), release_id).release_id} is current")


@kehu.command()
@click.argument("customer")
def explain(customer: str) -> None:
    """Why this customer has this segment, stage and value."""
    from kehu.pipeline.reporting import explain as explain_customer

    say(explain_customer(load_settings(), customer))


@kehu.command()
@click.argument("release_id", required=False)
@click.option("--output", type=click.Path(path_type=Path), help="where to write the page")
@click.option("--language", type=click.Choice(["en", "zh"]), help="default: KEHU_LANGUAGE")
def report(release_id: str | None, output: Path | None, language: str | None) -> None:
    """Write the HTML page of a release."""
    from kehu.pipeline.reporting import write_report

    settings = load_settings(**({"language": language} if language else {}))
    say(write_report(settings, release_id, output).resolve().as_uri())


@kehu.command()
@click.argument("entity", required=False)
@click.option("--limit", default=20, show_default=True, help="rows to show of ENTITY")
def quarantine(entity: str | None, limit: int) -> None:
    """Count quarantined rows by reason; with ENTITY show the rows."""
    from kehu.pipeline.inspection import quarantine_counts, quarantined_rows

    settings = load_settings()
    rows = quarantined_rows(settings, entity, limit) if entity else quarantine_counts(settings)
    for row in rows:
        say("  ".join(f"{name}={printable(value)}" for name, value in row.items() if value is not None))
    if not rows:
        say("nothing is in quarantine")


@kehu.command()
@click.argument("release_id", required=False)
def checks(release_id: str | None) -> None:
    """List what somebody should know of a release: quarantine, warnings, what was accepted, cleaned, derived or assumed."""
    from kehu.pipeline.remarks import checks_of_release, remarks

    found = remarks(checks_of_release(load_settings(), release_id), limit=None)
    for line in found or ["nothing: every check passed, and everything was taken as it was delivered"]:
        say(line)


@kehu.command()
@click.argument("customer")
@click.option("--dry-run", is_flag=True, help="count what would change, change nothing")
def erase(customer: str, dry_run: bool) -> None:
    """Erase a person from all stored data and verify; CUSTOMER is the id of any of the person's records."""
    from kehu.pipeline.erasing import erase_customer

    for line in erase_customer(load_settings(), customer, dry_run).lines():
        say(line)


@kehu.command("demo-shop")
@click.option("--customers", default=2_000, show_default=True, help="people who register within the days")
@click.option("--days", default=365, show_default=True, help="business days, a folder each")
@click.option("--seed", default=1, show_default=True, help="the same seed gives the same bytes")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="where to write")
@click.option("--until", metavar="YYYY-MM-DD", help="the last business day  [default: 2025-12-31]")
@click.option("--first-load", "first_load_days", default=0, show_default=True, help="so many days in one first folder")
@click.option("--add-days", default=0, show_default=True, help="more days for a shop that is there")
@click.option("--seasons/--no-seasons", "has_seasons", default=True, help="without: plain Poisson purchases")
@click.option("--dirt/--no-dirt", "has_dirt", default=True, help="bad, late, changed and repeated rows")
@click.option("--break-header", "breaks_header", is_flag=True, help="rename a needed column on the last day")
def demo_shop(folder: Path, until: str | None, add_days: int, **planned: int) -> None:
    """Write a shop that knows the truth about itself, and a sources.yml that reads it."""
    from kehu.pipeline.inventing import demo_shop as write_demo_shop

    def tell(line: str) -> None:
        say(line, err=True)

    say(write_demo_shop(folder, until, add_days, tell, **planned))


@kehu.group()
def sources() -> None:
    """The configured sources."""


@sources.command()
def freshness() -> None:
    """Show when each source last landed new data; fail if one exceeds its `freshness_hours`."""
    from kehu.pipeline.freshness import check_freshness, source_freshness

    settings = load_settings()
    for source in source_freshness(settings):
        say(source.describe())
    check_freshness(settings)


@sources.command()
@click.argument("source", required=False)
@click.option(
    "--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="write what was found into this page"
)
def check(source: str | None, page: Path | None) -> None:
    """Look at what would land: does it fit, and what should be looked at; nothing lands."""
    from kehu.pipeline.inspection import check_sources, write_check_page

    checks = check_sources(load_settings(), source)
    for found in checks:
        say(found.describe())
    if page is not None:
        say(f"written: {write_check_page(checks, page)}")
    if any(found.problems for found in checks):
        raise SystemExit(1)


@sources.command()
@click.argument("source")
@click.argument("objects", nargs=-1)
def describe(source: str, objects: tuple[str, ...]) -> None:
    """List what a system has: its objects, or the fields of those that are named; names and types, never values."""
    from kehu.pipeline.inspection import describe_source

    for line in describe_source(load_settings(), source, objects):
        say(line)


for command in (landing, actions, plan, dbt):
    kehu.add_command(command)


@kehu.group()
def warehouse() -> None:
    """The warehouse database."""


@warehouse.command()
def init() -> None:
    """Create the roles of a Postgres warehouse, as its administrator (KEHU_WAREHOUSE_ADMIN_DSN); safe to repeat."""
    from kehu.pipeline.administration import init_warehouse

    for line in init_warehouse(load_settings()):
        say(line)


def _run_or_latest(settings: Settings, release_id: str | None) -> str:
    from kehu.pipeline.runs import latest_run

    return release_id or latest_run(settings)


def main(arguments: Sequence[str] | None = None) -> Any:
    """Entry point of ``kehu``: prints named errors as one line and exits with their code."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLines("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    try:
        kehu.main(args=list(arguments) if arguments is not None else None, prog_name="kehu")
    except KehuError as error:
        _fail(error)
    except OSError as error:
        _fail(FileSystemError.of(error))


def _fail(error: KehuError) -> NoReturn:
    say(str(error), err=True)
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
