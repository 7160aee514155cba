"""What a dbt step did: the artifacts that the child leaves, read back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

DONE = frozenset({"success", "pass", "warn"})
"""Statuses after which a node needs no further attempt."""


@dataclass(frozen=True)
class NodeResult:
    """The result of one dbt node in one attempt; ``seconds`` is its wall time."""

    attempt: int
    node_id: str
    name: str
    resource_type: str
    status: str
    seconds: float
    message: str
    failures: int
    finished_at: str

    @property
    def is_done(self) -> bool:
        """Whether a retry may leave the node out."""
        return self.status in DONE


def read_attempt(folder: Path) -> list[NodeResult]:
    """The finished nodes of one attempt; a last line cut off by a kill does not count."""
    file = folder / "finished.jsonl"
    if not file.exists():
        return []
    attempt = int(folder.name.removeprefix("attempt_"))
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            found.append(NodeResult(attempt=attempt, **json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def read_selected(folder: Path) -> list[str] | None:
    """The nodes that the attempt set out to have; None if it died before it knew."""
    try:
        return list(json.loads((folder / "selected.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def attempts(step_dir: Path) -> list[Path]:
    """The folders of earlier attempts, oldest first."""
    return sorted(step_dir.glob("attempt_*"), key=lambda path: int(path.name.removeprefix("attempt_")))


def last_results(step_dir: Path) -> list[NodeResult]:
    """The last result of every node in any attempt."""
    found = {node.node_id: node for folder in attempts(step_dir) for node in read_attempt(folder)}
    return list(found.values())
