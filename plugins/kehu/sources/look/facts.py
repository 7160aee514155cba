"""What a first look at a source finds: names and counts, and only such values as say nothing of a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Keys:
    """How unique a key is within one delivery.

    Attributes:
        columns: the key.
        empty: rows without it.
        identical: keys that stand for several rows which are the same.
        conflicting: keys that stand for rows which differ: only one of them can be right.
    """

    columns: tuple[str, ...]
    empty: int = 0
    identical: int = 0
    conflicting: int = 0


@dataclass(frozen=True)
class Span:
    """The dates of a column: first and last, as days."""

    column: str
    first: str
    last: str


@dataclass(frozen=True)
class Month:
    """What the orders of a month bring; ``currency`` is as delivered."""

    month: str
    currency: str
    orders: int
    amount: Decimal


@dataclass(frozen=True)
class Status:
    """A status as delivered, what it maps to (None: nobody knows it), and how many orders have it."""

    delivered: str
    meaning: str | None
    orders: int


@dataclass(frozen=True)
class OrdersLook:
    """What can be said of orders beyond every entity.

    Attributes:
        months: revenue by month and currency, of orders that count.
        currencies: currency as delivered → orders.
        statuses: the most frequent first.
        other_statuses: how many more there are.
        customers_known: share of the orders with a customer whose customer is delivered too; None where that cannot be said.
        spellings: what ids of customers look like here and there, digits as 9 and letters as a.
        anonymous: orders without a customer.
        busiest_share: the share of the orders that the most frequent customer has.
        worthless: orders that count and are worth nothing.
    """

    months: tuple[Month, ...] = ()
    currencies: tuple[tuple[str, int], ...] = ()
    statuses: tuple[Status, ...] = ()
    other_statuses: int = 0
    customers_known: float | None = None
    spellings: tuple[str, str] = ("", "")
    anonymous: int = 0
    busiest_share: float = 0.0
    worthless: int = 0


@dataclass(frozen=True)
class FileChange:
    """A file that has landed before and is not what it was.

    Attributes:
        file: its name.
        keys_before: keys that its deliveries in force hold.
        keys_held: how many of them it still holds.
        replaces_itself: whether ``on_change: replace`` is set.
        rows_read_anew: rows of the same bytes that another mapping has landed, and that this one takes the place of.
    """

    file: str
    keys_before: int = 0
    keys_held: int = 0
    replaces_itself: bool = False
    rows_read_anew: int = 0


@dataclass(frozen=True)
class EntityCheck:
    """What would land for one entity.

    Attributes:
        entity: the canonical entity.
        mode: what a batch replaces.
        files: the files found, with encoding and delimiter of text files; or the table.
        rows: rows that would land, rejects not included.
        rejects: rows that could not be parsed.
        delivered: canonical columns that are delivered.
        unmapped: source columns that end in ``_extra``.
        guesses: the canonical name that some of them may mean.
        origin: what kind of thing ``files`` are.
        reject_reasons: why rows could not be parsed, and how many.
        keys: how unique the key is.
        spans: from when to when.
        unreadable: column, type and count of values that are not of the type.
        placeholders: column, word and count of values that stand for nothing.
        headers: rows that repeat the header.
        totals: rows that look like a total.
        assumed: what is taken for granted because nothing is delivered.
        orders: what can be said of orders.
        changes: files that have landed before and are not what they were.
    """

    entity: str
    mode: str
    files: tuple[str, ...]
    rows: int
    rejects: int
    delivered: tuple[str, ...]
    unmapped: tuple[str, ...]
    guesses: tuple[tuple[str, str], ...] = ()
    origin: str = "file"
    reject_reasons: tuple[tuple[str, int], ...] = ()
    keys: Keys = field(default_factory=lambda: Keys(()))
    spans: tuple[Span, ...] = ()
    unreadable: tuple[tuple[str, str, int], ...] = ()
    placeholders: tuple[tuple[str, str, int], ...] = ()
    headers: int = 0
    totals: int = 0
    assumed: tuple[str, ...] = ()
    orders: OrdersLook | None = None
    changes: tuple[FileChange, ...] = ()

    @property
    def extra(self) -> str:
        """The columns that end in ``_extra``, each with what it may mean."""
        guesses = dict(self.guesses)
        return ", ".join(f"{name} ({guesses[name]}?)" if name in guesses else name for name in self.unmapped)
