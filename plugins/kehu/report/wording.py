"""Sentences and numbers in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kehu.report.catalogue import load_catalogue

Number = int | float | Decimal

MINUS = "\u2212"
GAP = "\u00a0"
NOTHING = "–"

_SPACE_BEHIND_WIDE_SIGN = re.compile(r"(?:^|(?<=[，。；：（、“])) +")
"""Chinese units begin with the space that parts them from a character, which a sentence's start or sign makes needless."""

_RECORDED_IN = "en"
_WORD = re.compile(r"[A-Za-z]{2}")
_FIGURE = re.compile(r"\d[\d,.]*\d|\d")

_STEPS: Mapping[str, tuple[tuple[int, str], ...]] = {
    "en": ((10**9, "B"), (10**6, "M"), (10**3, "K")),
    "zh": ((10**8, "亿"), (10**4, "万")),
}


class Wording:
    """Texts of one language and the formats that go with it.

    Args:
        language: ``en`` or ``zh``.
        currency: code of the reporting currency, put before every amount.
    """

    def __init__(self, language: str, currency: str) -> None:
        self.language = language
        self.currency = currency
        self._texts = load_catalogue(language)

    def say(self, key: str, **values: object) -> str:
        """The text ``key`` with its named places filled in."""
        return _SPACE_BEHIND_WIDE_SIGN.sub("", self._texts[key].format(**values))

    def name(self, group: str, key: object) -> str:
        """The catalogue's word for a code in the data, or the code itself where it has none."""
        text = NOTHING if key is None else str(key)
        return self._texts.get(f"{group}.{text}", text)

    def label(self, row: Mapping[str, Any]) -> str:
        """The label of a segment in this language, or its code where the release has no label."""
        return str(row.get(f"label_{self.language}") or row.get("segment") or NOTHING)

    def counted(self, unit: str, number: int) -> str:
        """A number of things: ``1 customer``, ``2,469 customers``; to be filled into a sentence."""
        form = "one" if abs(number) == 1 else "other"
        return self._texts[f"units.{unit}.{form}"].format(n=self.count(number))

    def count(self, number: Number | None) -> str:
        """A whole number with thousands separators."""
        return NOTHING if number is None else _grouped(number, 0)

    def decimal(self, number: Number | None, digits: int = 2) -> str:
        """A number with a fixed count of decimals."""
        return NOTHING if number is None else _grouped(number, digits)

    def percent(self, share: Number | None, digits: int = 1) -> str:
        """A share of one as a percentage."""
        return NOTHING if share is None else f"{_grouped(_decimal(share) * 100, digits)}%"

    def amount(self, number: Number | None) -> str:
        """An amount without its currency: cents only between nothing and a thousand."""
        if number is None:
            return NOTHING
        return _grouped(number, 0 if number == 0 or abs(_decimal(number)) >= 1000 else 2)

    def money(self, number: Number | None) -> str:
        """An amount with its currency, ``USD 4,596,040``."""
        return NOTHING if number is None else f"{self.currency}{GAP}{self.amount(number)}"

    def compact(self, number: Number | None) -> str:
        """A large number in few characters for a chart: ``4.6M``, ``459.6万``."""
        if number is None:
            return NOTHING
        value = _decimal(number)
        for size, suffix in _STEPS[self.language]:
            if abs(value) >= size:
                return f"{_short(value / size)}{suffix}"
        return _short(value)

    def day(self, day: date | None) -> str:
        """A day written out."""
        if day is None:
            return NOTHING
        return self.say("dates.day", year=day.year, month=self._month_name(day), number=day.month, day=day.day)

    def month(self, month: date | None) -> str:
        """A month of a year written out."""
        if month is None:
            return NOTHING
        return self.say("dates.month", year=month.year, month=self._month_name(month), number=month.month)

    def short_month(self, month: date) -> str:
        """A month of a year in few characters, for axes."""
        return self.say(
            "dates.short_month", year=month.year, month=self.say(f"months.short.{month.month}"), number=month.month
        )

    def join(self, parts: list[str]) -> str:
        """Items of a list in one line."""
        return self.say("punctuation.comma").join(parts)

    def recorded(self, text: object) -> str:
        """What a release records of a check or a model: English, so that readers of another language are shown figures only."""
        shown = "" if text is None else str(text)
        return "" if self.language != _RECORDED_IN and _WORD.search(shown) else shown

    def told(self, group: str, key: object, text: object) -> str:
        """A recorded text; for readers of another language the catalogue's own sentence for its key, with the first figure."""
        if self.recorded(text) or self.language == _RECORDED_IN:
            return self.recorded(text)
        number = _FIGURE.search(str(text))
        sentence = self._texts.get(f"{group}.{key}", "")
        return sentence.format(n=number.group()) if number else ""

    def _month_name(self, day: date) -> str:
        return self.say(f"months.long.{day.month}")


def _decimal(number: Number) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(str(number))


def _grouped(number: Number, digits: int) -> str:
    rounded = _decimal(number).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,.{digits}f}"
    return f"{MINUS}{text}" if rounded < 0 else text


def _short(value: Decimal) -> str:
    digits = 0 if abs(value) >= 100 else 1
    text = _grouped(value, digits)
    return text.removesuffix(".0")
