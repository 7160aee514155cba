"""What a page is made of: plain values that sections build and the template prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers are set to the right."""

    title: str
    is_number: bool = True


@dataclass(frozen=True)
class Table:
    """Figures as text, for readers who cannot or do not want to see a chart.

    Raises:
        ValueError: a row does not have one cell per column.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row of {self.caption!r} has {len(row)} cells for {len(self.columns)} columns")


@dataclass(frozen=True)
class Key:
    """One entry of a chart's key, printed above it."""

    colour: str
    label: str
    shape: str = "square"


@dataclass(frozen=True)
class Chart:
    """One Plotly chart in two drawings: for a wide column and for a narrow one (a phone).

    ``explanation_narrow`` stands in for ``explanation`` beside the narrow drawing where that one shows less.
    ``height`` is kept free for it, in pixels, until it is drawn. One that ``is_full_width`` shares its row with no other.
    """

    id: str
    headline: str
    alt: str
    wide: str
    narrow: str
    height: int
    table: Table
    explanation: str = ""
    explanation_narrow: str = ""
    keys: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()
    is_full_width: bool = False


@dataclass(frozen=True)
class SmallChart:
    """One of many small charts that share a table: a name, the latest value, what changed, a line."""

    id: str
    name: str
    value: str
    changes: tuple[str, ...]
    alt: str
    drawing: str


@dataclass(frozen=True)
class Figure:
    """A headline figure of the page."""

    label: str
    value: str
    note: str
    unit: str = ""


@dataclass(frozen=True)
class Remark:
    """Something to know before the figures are believed: how grave, what, and what to do or which command shows it."""

    verdict: str
    text: str
    hint: str


@dataclass(frozen=True)
class Remarks:
    """The list of the first screen; without entries the note says that there are none."""

    title: str
    entries: tuple[Remark, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Card:
    """A group in words: its name, how large it is, and what tells it apart."""

    name: str
    facts: tuple[str, ...]
    points: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A chapter of the page; with ``missing`` set it says why there is nothing to show."""

    id: str
    name: str
    headline: str = ""
    lead: str = ""
    charts: tuple[Chart, ...] = ()
    small_charts: tuple[SmallChart, ...] = ()
    cards: tuple[Card, ...] = ()
    tables: tuple[Table, ...] = ()
    details: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class Page:
    """The whole report, ready for the template."""

    language_tag: str
    title: str
    name: str
    headline: str
    facts: tuple[str, ...]
    figures: tuple[Figure, ...]
    remarks: Remarks
    sections: tuple[Section, ...]
    footnotes: tuple[tuple[str, str], ...]
    footer: str
