"""Reads Airflow's task logs (one JSON object a line) for people who wait at a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CAUSE = "Cause: "
"""What ``callbacks.on_task_failure`` writes before the cause of a failure."""


class LogTail:
    """Follows one growing log and keeps the latest thing that Kehu said in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0

    def latest(self) -> str | None:
        """What Kehu said last since the previous call; None if nothing."""
        said = None
        for entry in self._new_entries():
            if str(entry.get("logger", "")).startswith("kehu.") and entry.get("level") != "debug":
                said = " ".join(str(entry["event"]).split())
        return said

    def _new_entries(self) -> Iterator[dict[str, Any]]:
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                whole = file.read()
        except FileNotFoundError:
            return
        whole = whole[: whole.rfind(b"\n") + 1]
        self._offset += len(whole)
        yield from _entries(whole.splitlines())


def cause_of_failure(path: Path) -> str | None:
    """Why an attempt failed, from its log: what the failure callback said, else the last exception."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return None
    found = None
    for entry in _entries(lines):
        if entry.get("logger") == "kehu.failure" and CAUSE in entry["event"]:
            return str(entry["event"]).split(CAUSE, 1)[1]
        for error in entry.get("error_detail") or []:
            found = _described(error)
    return found


def _described(error: dict[str, Any]) -> str:
    kind, text = str(error.get("exc_type", "")), str(error.get("exc_value", "")).strip()
    return text if text.startswith(f"{kind}:") else f"{kind}: {text}"


def _entries(lines: list[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and "event" in entry:
            yield entry
