"""What was checked before the release was let out, and what did not pass."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kehu.report.background import Delivery
from kehu.report.blocks import Chart, Column, Key, Section, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.check_bars import Layer, draw_checks
from kehu.report.figures import to_json
from kehu.report.palette import VERDICTS
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.wording import NOTHING, Wording

SHOWN = 60
_LONGEST = 240
_LAYERS = ("landing", "intake", "transform", "marts", "drift")
_RECORDED = ("table", "check", "observed", "expected", "reason")
_ORDER = ("failed", "warning", "accepted", "noted", "skipped")

_CHECKS = """
select
    checks.layer,
    checks."table" as table_name,
    checks."check" as check_name,
    checks.severity,
    checks.status,
    checks.observed,
    checks.expected,
    checks.reason
from analytics.data_quality as checks
order by checks.layer, checks."table", checks."check", checks.severity, checks.status, checks.observed
"""


def read(reader: ReleaseReader) -> list[Row]:
    """Every check of the release with its verdict."""
    return [row | {"verdict": verdict(row)} for row in reader.rows(_CHECKS)]


def verdict(check: Row) -> str:
    """How a check ended, in one of the words of ``VERDICTS``; a status that is not known counts as failed."""
    status = check["status"]
    if status in ("passed", "skipped", "accepted", "noted"):
        return str(status)
    return "warning" if status == "failed" and check["severity"] == "warning" else "failed"


def build(checks: list[Row], words: Wording, deliveries: tuple[Delivery, ...]) -> Section:
    """The chapter, or the reason why there is none."""
    name = words.say("quality.name")
    if not checks:
        return Section("quality", name, missing=words.say("quality.missing"))
    counts = Counter(row["verdict"] for row in checks)
    charts = (_chart(checks, counts, words),)
    remarks = [row for row in checks if row["verdict"] != "passed"]
    tables = [_deliveries(deliveries, words)] if deliveries else []
    if remarks:
        tables.append(_remarks(remarks, words))
    notes = []
    told = [row for row in remarks if row["verdict"] != "skipped"]
    if len(told) > SHOWN:
        notes.append(words.say("quality.note_hidden", shown=words.count(SHOWN), all=words.count(len(told))))
    headline = _headline(counts, words)
    return Section(
        "quality",
        name,
        headline,
        words.say("quality.lead"),
        charts,
        tables=tuple(tables),
        details=_as_recorded(remarks, words),
        notes=tuple(notes),
    )


def _headline(counts: Counter[str], words: Wording) -> str:
    total = words.counted("checks", sum(counts.values()))
    values = {name: words.count(counts[name]) for name in VERDICTS}
    if counts["failed"]:
        return words.say("quality.headline_failed", total=total, **values)
    if counts["passed"] == sum(counts.values()):
        return words.say("quality.headline_clean", total=total)
    parts = [words.counted(f"verdict_{name}", counts[name]) for name in _ORDER if counts[name]]
    return words.say("quality.headline", total=total, passed=values["passed"], rest=words.join(parts))


def _chart(checks: list[Row], counts: Counter[str], words: Wording) -> Chart:
    by_layer = _by_layer(checks)
    layers = [
        Layer(words.name("quality.layers", name), dict(found), _hover(found, words)) for name, found in by_layer.items()
    ]
    wide, narrow = draw_checks(layers, narrow=False), draw_checks(layers, narrow=True)
    busiest = max(by_layer, key=lambda name: (by_layer[name].total(), name))
    headline = words.say(
        "quality.chart_headline",
        total=words.counted("checks", len(checks)),
        layer=words.name("quality.layers", busiest),
        checks=words.count(by_layer[busiest].total()),
    )
    return Chart(
        id="quality-checks",
        headline=headline,
        alt=words.say("quality.alt", headline=headline),
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=narrow.layout.height,
        table=_layer_table(by_layer, words),
        keys=_keys(counts, words),
    )


def _by_layer(checks: list[Row]) -> dict[str, Counter[str]]:
    """Verdicts by layer, in the order in which data passes the layers; others come last, by name."""
    names = sorted({str(row["layer"]) for row in checks})
    names.sort(key=lambda name: _LAYERS.index(name) if name in _LAYERS else len(_LAYERS))
    return {name: Counter(row["verdict"] for row in checks if str(row["layer"]) == name) for name in names}


def _keys(counts: Counter[str], words: Wording) -> tuple[Key, ...]:
    return tuple(
        Key(colour, f"{words.say(f'quality.verdicts.{name}')} {words.count(counts[name])}")
        for name, colour in VERDICTS.items()
        if counts[name]
    )


def _hover(counts: Counter[str], words: Wording) -> str:
    return words.join([words.counted(f"verdict_{name}", counts[name]) for name in VERDICTS if counts[name]])


def _layer_table(by_layer: dict[str, Counter[str]], words: Wording) -> Table:
    columns = [Column(words.say("columns.layer"), is_number=False)]
    columns += [Column(words.say(f"quality.verdicts.{name}")) for name in VERDICTS]
    rows = tuple(
        (words.name("quality.layers", name), *(words.count(found[verdict_name]) for verdict_name in VERDICTS))
        for name, found in by_layer.items()
    )
    return Table(words.say("quality.layer_table"), tuple(columns), rows)


def _deliveries(deliveries: tuple[Delivery, ...], words: Wording) -> Table:
    names = ("source", "landed_at", "order_date")
    columns = tuple(Column(words.say(f"columns.{name}"), is_number=False) for name in names)
    lines = tuple(
        (one.source, f"{one.landed_at:%Y-%m-%d %H:%M}" if one.landed_at else NOTHING, words.day(one.order_date))
        for one in deliveries
    )
    return Table(words.say("quality.deliveries"), columns, lines)


def _remarks(rows: list[Row], words: Wording) -> Table:
    """What did not pass, the gravest first; what was skipped is one line, since nothing was delivered to check."""
    names = ("verdict", "layer", "table", "check", "observed", "expected", "reason")
    columns = tuple(Column(words.say(f"columns.{name}"), is_number=False) for name in names)
    ordered = sorted(rows, key=lambda row: _ORDER.index(row["verdict"]))
    lines: list[tuple[str, ...]] = [
        (
            words.say(f"quality.verdicts.{row['verdict']}"),
            words.name("quality.layers", row["layer"]),
            _clipped(row["table_name"]),
            _clipped(row["check_name"]),
            _clipped(words.told("quality.told", row["check_name"], row["observed"])),
            _clipped(words.recorded(row["expected"])),
            _clipped(words.recorded(row["reason"])),
        )
        for row in ordered
        if row["verdict"] != "skipped"
    ]
    lines = lines[:SHOWN]
    if skipped := [row for row in ordered if row["verdict"] == "skipped"]:
        lines.append(_skipped(skipped, words))
    return Table(words.say("quality.remarks"), columns, tuple(lines))


def _as_recorded(rows: list[Row], words: Wording) -> tuple[Table, ...]:
    """The texts that the table above cannot show in the reader's language, behind a fold."""
    untold = [
        row for row in rows if row["verdict"] != "skipped" and words.recorded(row["reason"]) != (row["reason"] or "")
    ]
    if not untold:
        return ()
    columns = tuple(Column(words.say(f"columns.{name}"), is_number=False) for name in _RECORDED)
    lines = tuple(
        tuple(_clipped(row[name]) for name in ("table_name", "check_name", "observed", "expected", "reason"))
        for row in untold[:SHOWN]
    )
    return (Table(words.say("quality.recorded"), columns, lines),)


def _skipped(rows: list[Row], words: Wording) -> tuple[str, ...]:
    tables = sorted({str(row["table_name"]) for row in rows})
    layers = list(dict.fromkeys(words.name("quality.layers", row["layer"]) for row in rows))
    checks = words.counted("checks", len(rows)).strip()
    verdict = words.say("quality.verdicts.skipped")
    return verdict, words.join(layers), words.join(tables), checks, "", "", words.say("quality.skipped_reason")


def _clipped(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


CHAPTER = Chapter(90, lambda reader, words, background: build(read(reader), words, background.deliveries))
