"""What an alert says: which DAG, task and run, which error, what to do. Names only, so that no personal data can be in it.

The text of an error stays in the task's log, where the link leads: a database's message may quote a row. Of an error's facts
those go out that name something of Kehu, and only as plain identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kehu.errors import KehuError

_TELLING = ("check", "column", "entity", "model", "release_id", "setting", "source", "step", "table", "variable")
"""Facts of errors that are names out of Kehu's code, configuration or ops metadata."""
_AFTER_THE_SWAP = {
    ("build_customers", "write_report"): "is not affected: the release is published, only its report is missing",
    ("build_customers", "publish_run"): "reads the last release or already the new one: see `kehu releases`",
    ("rollback_release", "roll_back"): "reads the release it read or already the one asked for: see `kehu releases`",
}
"""What BI reads after the failure of a task (DAG, task) that comes after the swap, or in which the swap is."""
_IDENTIFIER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:+-]{0,119}")
_LINK = re.compile(r"https?://[A-Za-z0-9.:\[\]_-]+(/[A-Za-z0-9_.~:/?#\[\]@!$&'()*+,;=%-]*)?")


@dataclass(frozen=True)
class Alert:
    """One message to people.

    Attributes:
        title: one line.
        facts: name and value of each further line, in order.
        link: where to look, or None.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    link: str | None = None

    @property
    def text(self) -> str:
        """The whole message as lines of plain text; the word Kehu is in it for bots that ask for a keyword."""
        lines = [self.title, *(f"{name}: {value}" for name, value in self.facts)]
        return "\n".join([*lines, self.link] if self.link else lines)


def failed_task(task: Any, error: BaseException | str | None, runbook: str) -> Alert:
    """A task has failed for good.

    Args:
        task: Airflow's task instance.
        error: what it failed with, if that is known.
        runbook: the page that says what to do.
    """
    facts = {
        "Task": f"{task.dag_id}.{task.task_id}",
        "Run": identifier(task.run_id),
        "Error": type(error).__name__ if isinstance(error, BaseException) else "the task was stopped or killed",
        **_names_in(error),
        "BI": what_bi_reads(task),
        "Runbook": runbook,
    }
    title = f"Kehu: {identifier(task.dag_id)} failed"
    return Alert(title, tuple(facts.items()), link(getattr(task, "log_url", None)))


def what_bi_reads(task: Any) -> str:
    """What a task that has failed means for BI, as the end of a sentence that begins with BI."""
    return _AFTER_THE_SWAP.get((task.dag_id, task.task_id), "keeps the last release")


def late_run(dag_run: Mapping[str, Any], limit_minutes: float, runbook: str) -> Alert:
    """A run has not ended in time; it goes on.

    Args:
        dag_run: Airflow's description of the run.
        limit_minutes: how long it should have taken at most.
        runbook: the page that says what to do.
    """
    facts = {
        "Run": identifier(dag_run.get("dag_run_id") or dag_run.get("run_id")),
        "Limit": f"{limit_minutes:g} minutes since it was queued",
        "BI": "keeps the last release until the run ends",
        "Runbook": runbook,
    }
    return Alert(f"Kehu: {identifier(dag_run.get('dag_id'))} is late", tuple(facts.items()))


def identifier(value: object) -> str:
    """The value if it is a plain name; else a word that says that it is not shown."""
    text = str(value)
    return text if _IDENTIFIER.fullmatch(text) else "(not a plain name)"


def link(value: object) -> str | None:
    """The value if it is an address, else None."""
    return value if isinstance(value, str) and _LINK.fullmatch(value) else None


def _names_in(error: BaseException | str | None) -> dict[str, str]:
    if not isinstance(error, KehuError):
        return {}
    named = {name: _shown(error.facts[name]) for name in _TELLING if name in error.facts}
    return {name: value for name, value in named.items() if value}


def _shown(value: object) -> str:
    """One name, or the plain names of a list."""
    values = value if isinstance(value, (list, tuple)) else [value]
    return ", ".join(str(each) for each in values[:10] if _IDENTIFIER.fullmatch(str(each)))
