"""``make up``: Airflow with its UI and all of Kehu's DAGs, on this machine only, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time

import click

from kehu.errors import KehuError
from kehu.orchestration.local.local_airflow import LocalAirflow, local_airflow, prepare
from kehu.orchestration.local.local_config import USER
from kehu.orchestration.local.progress import ProgressPrinter
from kehu.orchestration.schedules import deliveries
from kehu.settings import load_settings

_WITHOUT_SOURCE = ("build_customers", "check_freshness", "erase_customer", "rollback_release")


def main() -> int:
    """Run Airflow until it is stopped; returns the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        printer = ProgressPrinter()
        with local_airflow(load_settings(), printer.say, with_triggerer=True) as airflow:
            for dag_id in prepare(airflow, dag_ids()):
                airflow.api.set_paused(dag_id, paused=False)
            click.echo(_welcome(airflow))
            while True:
                airflow.check()
                time.sleep(1)
    except KehuError as error:
        click.echo(f"\n{error}", err=True)
        return error.exit_code
    except KeyboardInterrupt:
        click.echo("\nAirflow has been stopped.")
        return 0


def dag_ids() -> set[str]:
    """Every DAG of the project: a paused one would take a manual run and never begin it."""
    return {*_WITHOUT_SOURCE, *(delivery.dag_id for delivery in deliveries())}


def _welcome(airflow: LocalAirflow) -> str:
    return (
        f"\nAirflow:   {airflow.config.url}\n"
        f"User:      {USER}\n"
        f"Password:  {airflow.config.password}\n"
        f"Releases:  {airflow.config.url}/kehu/\n"
        f"Logs:      {airflow.config.logs}\n"
        "\nStop with Ctrl-C.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
