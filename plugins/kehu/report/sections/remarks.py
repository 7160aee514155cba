"""The first screen's list of what to know before the figures are believed: quarantine, warnings, what was derived or assumed."""

from __future__ import annotations

from kehu.report.blocks import Remark, Remarks
from kehu.report.release_reader import Row
from kehu.report.wording import NOTHING, Wording

SHOWN = 8
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
        note += words.say("remarks.more", n=words.count(len(told) - SHOWN))
    return Remarks(words.say("remarks.title"), tuple(_remark(row, words) for row in told[:SHOWN]), note)


def _remark(row: Row, words: Wording) -> Remark:
    verdict = words.say(f"quality.verdicts.{row['verdict']}")
    what = row["table_name"] if row["layer"] == INTAKE else f"{row['table_name']}.{row['check_name']}"
    return Remark(verdict, f"{what}: {row['observed'] or NOTHING}", str(row["reason"] or ""))
