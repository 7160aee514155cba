"""``make demo``: a year of a real grocer becomes a published release, through Airflow.

The ingest DAGs of all required sources, run for one business day, start the build by themselves, as every day in production.
With ``--as-of DAY`` it does the same for whatever sources there are: ``make demo-shop`` is such a run.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from datetime import date
from typing import Any

import click

from kehu.errors import CandidateRejected, ConfigurationError, KehuError
from kehu.orchestration.assets import RELEASE_ASSET
from kehu.orchestration.local.airflow_api import AirflowFailed
from kehu.orchestration.local.local_airflow import LocalAirflow, local_airflow, prepare
from kehu.orchestration.local.progress import Follower, Outcome, ProgressPrinter
from kehu.settings import Settings, load_settings
from kehu.sources.config import load_sources

KIND = "completejourney"
AS_OF = date(2018, 1, 1)
BUILD = "build_customers"
_BUILD_STARTS_WITHIN_SECONDS = 60


def main() -> int:
    """Run the demo; returns the exit code: 0 published, 1 error, 3 rejected by the gate."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", type=date.fromisoformat, help="the business day, of all required sources")
    day = parser.parse_args().as_of
    printer = ProgressPrinter()
    try:
        settings = load_settings()
        sources = _required_sources(settings) if day else [_demo_source(settings)]
        as_of = day or AS_OF
        click.echo(f"Kehu demo: source {', '.join(sources)}, as of {as_of}, into {settings.home}\n")
        with local_airflow(settings, printer.say) as airflow:
            outcome = _run_day(airflow, printer, sources, as_of)
        if outcome.state != "success":
            return _report_failure(outcome)
        return _report_success(settings)
    except KehuError as error:
        click.echo(f"\n{error}", err=True)
        return error.exit_code
    except KeyboardInterrupt:
        click.echo("\nStopped. What was published stays; run `make demo` again to go on.", err=True)
        return 130


def _demo_source(settings: Settings) -> str:
    """The name of the demo's source, which has to be the only one that a build waits for."""
    sources = load_sources(settings.sources).sources
    names = [source.name for source in sources if source.kind == KIND]
    others = [source.name for source in sources if source.required and source.kind != KIND]
    if len(names) == 1 and not others:
        return str(names[0])
    raise ConfigurationError(
        f"the demo needs one source of kind {KIND} and no other required one",
        fix="set KEHU_SOURCES to the sources.yml that came with the project, or mark the others `required: false`",
        file=str(settings.sources),
        found=names,
        others=others,
    )


def _required_sources(settings: Settings) -> list[str]:
    """The names of the sources that a build waits for."""
    return [str(source.name) for source in load_sources(settings.sources).sources if source.required]


def _run_day(airflow: LocalAirflow, printer: ProgressPrinter, sources: list[str], as_of: date) -> Outcome:
    """Trigger the ingests of the business day one by one, wait for the build that the last one starts, follow all."""
    ingests = [f"ingest_{source}" for source in sources]
    for dag_id in prepare(airflow, {*ingests, BUILD}):
        _give_up_unfinished(airflow, printer, dag_id)
        airflow.api.set_paused(dag_id, paused=False)
    before = {run["dag_run_id"] for run in airflow.api.runs(BUILD)}
    for ingest in ingests:
        printer.say(f"{ingest}: triggered for business day {as_of}")
        outcome = Follower(airflow, printer, ingest, airflow.api.trigger(ingest, partition_key=str(as_of))).follow()
        if outcome.state != "success":
            return outcome
    build = _started_build(airflow, before, as_of)
    printer.say(f"{BUILD}: started, because all required sources have delivered {as_of}")
    outcome = Follower(airflow, printer, BUILD, build["dag_run_id"]).follow()
    if outcome.state == "success":
        _tell_whether_current(airflow, printer)
    return outcome


def _tell_whether_current(airflow: LocalAirflow, printer: ProgressPrinter) -> None:
    """On a home that holds a later day's release, the demo's is stored beside it."""
    release = airflow.api.events(RELEASE_ASSET.name)[0]["extra"]
    if not release["is_current"]:
        printer.say(
            f"{release['release_id']} is stored; BI goes on reading a release of a later day, which is shown below"
        )


def _give_up_unfinished(airflow: LocalAirflow, printer: ProgressPrinter, dag_id: str) -> None:
    """Runs that an earlier, killed demo has left would be waited for."""
    for run in airflow.api.runs(dag_id):
        if run["state"] not in ("success", "failed"):
            printer.say(f"{dag_id}: giving up the unfinished run {run['dag_run_id']}")
            airflow.api.give_up(dag_id, run["dag_run_id"])


def _started_build(airflow: LocalAirflow, before: set[str], as_of: date) -> dict[str, Any]:
    deadline = time.monotonic() + _BUILD_STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline:
        airflow.check()
        for run in airflow.api.runs(BUILD):
            if run["dag_run_id"] not in before and run["partition_key"] == str(as_of):
                return run
        time.sleep(0.5)
    raise AirflowFailed(
        f"{BUILD} did not start after the ingest", fix="read the scheduler's log", logs=str(airflow.config.logs)
    )


def _report_failure(outcome: Outcome) -> int:
    rejected = outcome.cause.startswith(f"{CandidateRejected.__name__}:")
    click.echo(f"\n{outcome.task_id} failed. {outcome.cause}\nLog: {outcome.log}", err=True)
    return CandidateRejected.exit_code if rejected else KehuError.exit_code


def _report_success(settings: Settings) -> int:
    from kehu.pipeline.summary import demo_summary

    click.echo(f"\n{demo_summary(settings)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
