"""The first screen's list of what to know before the figures are believed: quarantine, warnings, what was derived or assumed."""

from __future__ import annotations

import re

from kehu.report.blocks import Remark, Remarks
from kehu.report.release_reader import Row
from kehu.report.wording import NOTHING, Wording

SHOWN = 8
_COMMAND = re.compile(r"`[^`]+`")
INTAKE = "intake"
_ORDER = ("failed", "warning", "accepted", "noted")


def build(checks: list[Row], words: Wording) -> Remarks:
    """The list, or the sentence that says that there is nothing to know.

    Args:
        checks: the release's checks with their verdicts.
        words: the reader's language.
    """
    told = [row for row in checks if row["verdict"] in _ORDER]
    told.sort(key=lambda row: (row["layer"] != INTAKE, _ORDER.index(row["verdict"])))
    if not checks:
        return Remarks(words.say("remarks.title"), note=words.say("quality.missing"))
    if not told:
        return Remarks(words.say("remarks.title"), note=words.say("remarks.nothing"))
    note = words.say("remarks.commands")
    if len(told) > SHOWN:
        note = words.say("remarks.more", commands=note, n=words.count(len(told) - SHOWN))
    return Remarks(words.say("remarks.title"), tuple(_remark(row, words) for row in told[:SHOWN]), note)


def _remark(row: Row, words: Wording) -> Remark:
    verdict = words.say(f"quality.verdicts.{row['verdict']}")
    what = row["table_name"] if row["layer"] == INTAKE else f"{row['table_name']}.{row['check_name']}"
    observed = words.told("quality.told", row["check_name"], row["observed"]) or NOTHING
    return Remark(verdict, words.say("remarks.entry", what=what, observed=observed), _hint(row["reason"], words))


def _hint(reason: str | None, words: Wording) -> str:
    """What to do; for readers of another language at least the commands in it."""
    return words.recorded(reason) or words.join(_COMMAND.findall(reason or ""))
