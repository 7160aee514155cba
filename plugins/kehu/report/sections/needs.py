"""What customers ask for: which segments speak of which needs, and how that goes over the months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kehu.report.blocks import Chart, Column, Section, SmallChart, Table
from kehu.report.chapters import Chapter
from kehu.report.charts.kpi_line import Point, draw_line
from kehu.report.charts.transition_map import Way, draw_ways
from kehu.report.figures import to_json
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.segments import Labels, read_labels
from kehu.report.wording import NOTHING, Wording

LAST_MONTHS = 24
SEGMENTATIONS = ("lifecycle", "value_tier")
"""Whose segments are drawn."""
TWICE = 2.0
"""The index of the darkest cell: spoken of twice as often as by everybody."""

_BY_SEGMENT = """
select needs.segmentation, needs.segment, needs.need, needs.customers_who_wrote, needs.customers_with_need, needs.mentions,
    needs.problem_mentions, needs.share, needs.index_to_all, needs.is_hidden
from analytics.needs_by_segment as needs
where needs.segmentation in ('all', 'lifecycle', 'value_tier') and needs.customers_who_wrote > 0
order by needs.segmentation, needs.customers_who_wrote desc, needs.segment, needs.need
"""
_MONTHS = f"""
select needs.month, needs.need, needs.texts, needs.mentions, needs.problem_mentions, needs.share, needs.is_complete
from analytics.needs_monthly as needs
where needs.month in (
    select distinct latest.month from analytics.needs_monthly as latest order by latest.month desc limit {LAST_MONTHS}
)
order by needs.month, needs.need
"""


@dataclass(frozen=True)
class NeedsData:
    """Needs by segment and by month, oldest first, and the names of segments and needs."""

    by_segment: list[Row]
    months: list[Row]
    labels: Labels

    def of(self, segmentation: str) -> list[Row]:
        """The rows of one segmentation."""
        return [row for row in self.by_segment if row["segmentation"] == segmentation]

    @property
    def needs(self) -> list[str]:
        """The needs that somebody mentions, by how many customers do."""
        counted = sorted(self.of("all"), key=lambda row: (-row["customers_with_need"], row["need"]))
        return [row["need"] for row in counted if row["customers_with_need"]]

    def label(self, segmentation: str, segment: str, words: Wording) -> str:
        """The name of a segment or of a need."""
        return self.labels.of(segmentation, segment, words)


def read(reader: ReleaseReader) -> NeedsData:
    """What the release says of needs; a release from before there were any says nothing."""
    if not reader.has("needs_by_segment", "needs_monthly"):
        return NeedsData([], [], Labels({}))
    return NeedsData(reader.rows(_BY_SEGMENT), reader.rows(_MONTHS), read_labels(reader, "need", *SEGMENTATIONS))


def build(data: NeedsData, words: Wording) -> Section:
    """The chapter, or the reason why there is none."""
    name = words.say("needs.name")
    if not data.needs:
        return Section("needs", name, missing=words.say("needs.missing"))
    most = next(row for row in data.of("all") if row["need"] == data.needs[0])
    headline = words.say(
        "needs.headline",
        need=data.label("need", most["need"], words),
        share=words.percent(most["customers_with_need"] / most["customers_who_wrote"]),
        customers=words.counted("customers", most["customers_who_wrote"]),
    )
    charts = tuple(chart for one in SEGMENTATIONS if (chart := _map(data, one, words)))
    return Section(
        "needs",
        name,
        headline,
        words.say("needs.lead"),
        charts=charts,
        small_charts=tuple(_small_chart(data, need, words) for need in data.needs if data.months),
        details=(_months_table(data, words),),
        notes=(words.say("needs.note"),),
    )


def _map(data: NeedsData, segmentation: str, words: Wording) -> Chart | None:
    """Needs down, segments across, the index in each cell; none where every segment is too small to show."""
    rows = [row for row in data.of(segmentation) if not row["is_hidden"]]
    cells = [row for row in rows if row["index_to_all"] is not None]
    if not cells:
        return None
    segments = list(dict.fromkeys(row["segment"] for row in rows))
    ways = [
        Way(
            row=data.needs.index(row["need"]),
            column=segments.index(row["segment"]),
            share=min(row["index_to_all"] / TWICE, 1.0),
            text=words.decimal(row["index_to_all"], 1),
            hover=_hover(row, data, words),
        )
        for row in cells
    ]
    names = [data.label("need", need, words) for need in data.needs]
    labels = [data.label(segmentation, segment, words) for segment in segments]
    titles = (words.say("needs.need"), words.say(f"needs.map.{segmentation}.segment"))
    wide, narrow = (draw_ways(ways, names, labels, titles, narrow=is_narrow) for is_narrow in (False, True))
    headline = _map_headline(data, cells, segmentation, words)
    small = dict.fromkeys(row["segment"] for row in data.of(segmentation) if row["is_hidden"])
    hidden = words.join([data.label(segmentation, segment, words) for segment in small])
    return Chart(
        id=f"needs-{segmentation.replace('_', '-')}",
        headline=headline,
        alt=words.say("needs.map.alt", headline=headline),
        wide=to_json(wide),
        narrow=to_json(narrow),
        height=narrow.layout.height,
        table=_map_table(data, segmentation, words),
        explanation=words.say("needs.map.explanation"),
        notes=(words.say("needs.map.hidden", segments=hidden),) if hidden else (),
        is_full_width=True,
    )


def _map_headline(data: NeedsData, cells: list[Row], segmentation: str, words: Wording) -> str:
    """The need that stands out most among those that a tenth of a segment's writers mention."""
    common = [row for row in cells if row["share"] >= 0.1] or cells
    most = max(common, key=lambda row: (row["index_to_all"], row["customers_with_need"], row["segment"], row["need"]))
    return words.say(
        "needs.map.headline",
        segment=data.label(segmentation, most["segment"], words),
        need=data.label("need", most["need"], words),
        index=words.decimal(most["index_to_all"], 1),
    )


def _hover(row: Row, data: NeedsData, words: Wording) -> str:
    return words.say(
        "needs.map.hover",
        segment=data.label(row["segmentation"], row["segment"], words),
        need=data.label("need", row["need"], words),
        share=words.percent(row["share"]),
        customers=words.counted("customers", row["customers_who_wrote"]),
    )


def _map_table(data: NeedsData, segmentation: str, words: Wording) -> Table:
    """Shares with the index, everybody first; a hidden segment shows how many wrote and no more."""
    everybody = {row["need"]: row for row in data.of("all")}
    segments = list(dict.fromkeys(row["segment"] for row in data.of(segmentation)))
    found = {(row["segment"], row["need"]): row for row in data.of(segmentation)}
    sizes = {row["segment"]: row["customers_who_wrote"] for row in data.of(segmentation)}
    columns = [Column(words.say("needs.need"), is_number=False), Column(words.say("needs.everybody"))]
    columns += [
        Column(words.say("needs.map.column", segment=data.label(segmentation, one, words), n=words.count(sizes[one])))
        for one in segments
    ]
    lines = []
    for need in data.needs:
        cells = [_cell(found[one, need], words) for one in segments]
        lines.append((data.label("need", need, words), words.percent(everybody[need]["share"]), *cells))
    caption = words.say("needs.map.table", segmentation=words.say(f"needs.map.{segmentation}.segment"))
    return Table(caption, tuple(columns), tuple(lines))


def _cell(row: Row, words: Wording) -> str:
    if row["is_hidden"]:
        return NOTHING
    return words.say("needs.map.cell", share=words.percent(row["share"]), index=words.decimal(row["index_to_all"], 1))


def _small_chart(data: NeedsData, need: str, words: Wording) -> SmallChart:
    """The share of the texts that mention a need, by month."""
    months = [row for row in data.months if row["need"] == need]
    points = [_point(row, words) for row in months]
    last = _last(months)
    name, month = data.label("need", need, words), words.month(last["month"])
    value = words.percent(last["share"])
    problems = words.say(
        "needs.problems", month=month, problems=words.count(last["problem_mentions"]), n=words.count(last["mentions"])
    )
    return SmallChart(
        f"need-{need.replace('_', '-')}",
        name,
        value,
        (problems,),
        words.say("needs.alt", need=name, month=month, value=value, problems=problems),
        to_json(draw_line(points, True, lambda share: words.percent(share, 0), words.short_month)),
    )


def _last(months: list[Row]) -> Row:
    """The latest finished month with a text, else the latest one with a text."""
    known = [row for row in months if row["share"] is not None]
    return next((row for row in reversed(known) if row["is_complete"]), known[-1])


def _point(row: Row, words: Wording) -> Point:
    month: date = row["month"]
    hover = words.say(
        "needs.hover" if row["is_complete"] else "needs.hover_unfinished",
        month=words.month(month),
        share=words.percent(row["share"]),
        mentions=words.count(row["mentions"]),
        texts=words.count(row["texts"]),
    )
    return Point(month, row["share"], bool(row["is_complete"]), hover)


def _months_table(data: NeedsData, words: Wording) -> Table:
    months = sorted({(row["month"], row["is_complete"], row["texts"]) for row in data.months}, reverse=True)
    shares = {(row["month"], row["need"]): row["share"] for row in data.months}
    columns = [Column(words.say("columns.month"), is_number=False), Column(words.say("needs.texts"))]
    columns += [Column(data.label("need", need, words)) for need in data.needs]
    lines = [
        (
            words.short_month(month) + ("" if is_complete else "*"),
            words.count(texts),
            *(words.percent(shares[month, need]) for need in data.needs),
        )
        for month, is_complete, texts in months
    ]
    return Table(words.say("needs.table"), tuple(columns), tuple(lines))


CHAPTER = Chapter(45, lambda reader, words, _: build(read(reader), words))
