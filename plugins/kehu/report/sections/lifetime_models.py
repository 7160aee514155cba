"""The table of models and baselines: how each did, and whether it is used."""

from __future__ import annotations

from kehu.report.blocks import Column, Table
from kehu.report.release_reader import Row
from kehu.report.wording import NOTHING, Wording


def models_table(rows: list[Row], words: Wording) -> Table:
    """Models and baselines with their holdout errors and the verdict; the model of spend is told in a note."""
    columns = [Column(words.say("columns.model"), is_number=False)]
    columns += [Column(words.say(f"columns.{name}")) for name in ("rmse", "mae", "total_error", "log_likelihood")]
    columns.append(Column(words.say("columns.verdict"), is_number=False))
    shown = [row for row in rows if row["kind"] in ("model", "baseline")]
    return Table(words.say("lifetime.table"), tuple(columns), tuple(_line(row, words) for row in shown))


def _line(row: Row, words: Wording) -> tuple[str, ...]:
    return (
        words.name("lifetime.models", row["model_name"]),
        words.decimal(row["holdout_rmse"], 4),
        words.decimal(row["holdout_mae"], 4),
        words.percent(row["holdout_total_error"]),
        words.decimal(row["log_likelihood"], 1),
        _verdict(row, words),
    )


def _verdict(row: Row, words: Wording) -> str:
    if row["is_chosen"]:
        return words.say("lifetime.verdicts.used", grade=row["grade"] or NOTHING)
    if row["kind"] == "baseline":
        return words.say("lifetime.verdicts.baseline")
    if row["is_trustworthy"]:
        return words.say("lifetime.verdicts.trusted")
    if row["at_bound"]:
        return words.say("lifetime.verdicts.at_bound", parameters=words.join(row["at_bound"].split(",")))
    if row["is_converged"] is None:
        return words.say("lifetime.verdicts.not_fitted")
    return words.say("lifetime.verdicts.not_trusted" if row["is_converged"] else "lifetime.verdicts.not_converged")
