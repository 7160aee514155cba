"""The few calls that the local commands make to Airflow's REST API: the only interface that takes a partition key."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

import httpx

from kehu.errors import KehuError

_TRIES = 5
_PAUSE_SECONDS = 2.0


class AirflowFailed(KehuError):
    """The local Airflow did not come up, stopped while it was needed, or refused a call."""


class AirflowApi:
    """A client of one Airflow.

    Every call may raise AirflowFailed: the server refused it (with its reason), or could not be reached.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self._credentials = {"username": user, "password": password}
        # trust_env off: a proxy of the environment has no business between two processes of this machine
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def __enter__(self) -> AirflowApi:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def is_healthy(self) -> bool:
        """Whether the API answers, and the scheduler and the DAG processor are at work."""
        try:
            answer = self._client.get("/api/v2/monitor/health")
            health = answer.raise_for_status().json()
        except httpx.HTTPError:
            return False
        parts = ("metadatabase", "scheduler", "dag_processor")
        return all((health.get(part) or {}).get("status") == "healthy" for part in parts)

    def login(self) -> None:
        """Fetch a token for the calls below."""
        token = self._call("POST", "/auth/token", body=self._credentials)["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def dag_ids(self) -> set[str]:
        """The DAGs that are parsed and can run."""
        return {dag["dag_id"] for dag in self._get("/dags", limit=100)["dags"]}

    def import_errors(self) -> list[str]:
        """The stack traces of DAG files that could not be read."""
        return [error["stack_trace"] for error in self._get("/importErrors")["import_errors"]]

    def set_pool(self, name: str, slots: int, description: str) -> None:
        """Make the pool if there is none of that name; an existing one is left as it is."""
        if name not in {pool["name"] for pool in self._get("/pools", limit=100)["pools"]}:
            self._call("POST", "/api/v2/pools", body={"name": name, "slots": slots, "description": description})

    def set_paused(self, dag_id: str, *, paused: bool) -> None:
        """Let the DAG run, or keep it from it."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", body={"is_paused": paused})

    def trigger(self, dag_id: str, partition_key: str | None = None, conf: dict[str, Any] | None = None) -> str:
        """Start a run and return its id."""
        body = {"logical_date": None, "partition_key": partition_key, "conf": conf or {}}
        return str(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body=body)["dag_run_id"])

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The latest runs of a DAG, newest first."""
        found: list[dict[str, Any]] = self._get(f"/dags/{dag_id}/dagRuns", order_by="-id", limit=50)["dag_runs"]
        return found

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One run."""
        found: dict[str, Any] = self._get(f"/dags/{dag_id}/dagRuns/{run_id}")
        return found

    def give_up(self, dag_id: str, run_id: str) -> None:
        """Mark an unfinished run, and its tasks, as failed."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}", body={"state": "failed"})

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run, in the order in which they started."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        found: list[dict[str, Any]] = self._get(path, limit=100)["task_instances"]
        return sorted(found, key=lambda task: (task["start_date"] is None, task["start_date"] or "", task["task_id"]))

    def events(self, asset_name: str) -> list[dict[str, Any]]:
        """The latest events of an asset, newest first."""
        events = self._get("/assets/events", name_pattern=asset_name, order_by="-timestamp", limit=100)["asset_events"]
        return [event for event in events if event["name"] == asset_name]

    def _get(self, path: str, **query: str | int) -> Any:
        """A question may be asked again: the server is slow to answer while dbt has all cores."""
        for left in reversed(range(_TRIES)):
            try:
                return self._call("GET", f"/api/v2{path}", query=query)
            except AirflowFailed as error:
                if left == 0 or str(error.facts.get("status", "5")).startswith("4"):
                    raise
                time.sleep(_PAUSE_SECONDS)
        raise AssertionError("unreachable")

    def _call(self, method: str, path: str, *, body: Any = None, query: dict[str, str | int] | None = None) -> Any:
        try:
            answer = self._client.request(method, path, json=body, params=query)
        except httpx.HTTPError as error:
            raise AirflowFailed(f"Airflow's API cannot be reached: {error}", call=f"{method} {path}") from error
        if answer.is_error:
            raise AirflowFailed(
                "Airflow refused a call", call=f"{method} {path}", status=answer.status_code, answer=answer.text[:500]
            )
        return answer.json()
