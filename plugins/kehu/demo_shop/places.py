"""The countries that the shop sells to, with invented names, addresses and telephone numbers that belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kehu.demo_shop.columns import labels, together, words
from kehu.demo_shop.plan import Array


@dataclass(frozen=True)
class Country:
    """One country: what an export says of a customer who lives there.

    Attributes:
        parity: units of its currency for one dollar, as the price list sees it.
        dial: calling code and the begin of a number that no network has given out.
        digits: how many digits follow.
    """

    code: str
    share: float
    currency: str
    parity: float
    tax: float
    dial: str
    digits: int
    cities: tuple[str, ...]


COUNTRIES = (
    Country("CN", 0.40, "CNY", 7.10, 0.0, "+86120", 8, ("上海", "北京", "杭州", "深圳", "成都", "武汉")),
    Country(
        "US", 0.22, "USD", 1.00, 0.08, "+1555", 7, ("Springfield", "Riverton", "Fairview", "Lakeside", "Georgetown")
    ),
    Country("GB", 0.13, "GBP", 0.79, 0.20, "+441632", 7, ("Ashford", "Kingsbridge", "Northwick", "Millbrook")),
    Country("DE", 0.15, "EUR", 0.92, 0.19, "+49150", 8, ("Neustadt", "Bergheim", "Altenburg", "Königsfeld")),
    Country("HK", 0.10, "HKD", 7.80, 0.0, "+8521", 7, ("Kowloon", "Sha Tin", "Tuen Mun")),
)
CURRENCIES = tuple(country.currency for country in COUNTRIES)
CHINA = 0
LANGUAGES = ("en", "zh")

_FIRST = {
    "en": "Ada Ben Cleo Dora Emil Flora Gus Hanna Ivo June Karl Lena Max Nora Otto Paula Quinn Rosa Sam Tess Uma Vera Will Yara"
    " Zoe",
    "zh": "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀兰 霞 平 刚 桂英 建国 子涵 雨桐",
}
_LAST = {
    "en": "Archer Brook Carver Dale Ember Fielding Grove Harper Iver Jasper Kestrel Linden Marlow Nettle Oakes Penrose Quill"
    " Rowan Sparrow Thorne",
    "zh": "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗",
}
_LATIN = {
    "en": _LAST["en"].lower(),
    "zh": "wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo",
}
_DOMAINS = ("example.com", "example.org", "example.net")
_CITIES = [name for country in COUNTRIES for name in country.cities]
_CITY_COUNTS = np.array([len(country.cities) for country in COUNTRIES])
_CITY_BEGINS = np.concatenate(([0], np.cumsum(_CITY_COUNTS)[:-1]))


def names(person: Array, language: Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """First, last and full names, by the number of the person."""
    firsts, lasts = _both(_FIRST), _both(_LAST)
    first_count, last_count = len(firsts) // 2, len(lasts) // 2
    first = words(firsts, language * first_count + person % first_count)
    last = words(lasts, language * last_count + person // first_count % last_count)
    western = pc.binary_join_element_wise(first, last, " ")
    full = pc.if_else(pa.array(language == 1), together(last, first), western)
    return first, last, full


def emails(person: Array, language: Array) -> pa.Array:
    """Addresses under domains that are reserved for examples; no two persons share one."""
    latin = _both(_LATIN)
    last = words(latin, language * (len(latin) // 2) + person // 25 % 20)
    domain = words(_DOMAINS, person % 3)
    return together(last, labels(".", person), pa.scalar("@"), domain)


def phones(person: Array, country: Array) -> pa.Array:
    """Numbers in international form; no two persons of a shop share one."""
    digits = pa.array(person.astype(np.int64)).cast(pa.string())
    dials = words([place.dial for place in COUNTRIES], country)
    padded = [pc.utf8_lpad(digits, place.digits, "0") for place in COUNTRIES]
    return together(dials, pc.choose(pa.array(country.astype(np.int64)), *padded))


def spaced_phones(phones_as_dialled: pa.Array) -> pa.Array:
    """The same numbers as people write them: 00 for the plus, blanks between."""
    text = pc.replace_substring(phones_as_dialled, "+", "00")
    return pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(text, 0, 4), pc.utf8_slice_codeunits(text, 4, 9), pc.utf8_slice_codeunits(text, 9), " "
    )


def cities(person: Array, country: Array, moves: Array | int = 0) -> pa.Array:
    """A city of the country; who has moved lives in the next one."""
    return words(_CITIES, _CITY_BEGINS[country] + (person // 3 + moves) % _CITY_COUNTS[country])


def codes(country: Array) -> pa.Array:
    """Two letters."""
    return words([place.code for place in COUNTRIES], country)


def currencies(country: Array) -> pa.Array:
    """Three letters."""
    return words(CURRENCIES, country)


def _both(texts: dict[str, str]) -> list[str]:
    return [word for language in LANGUAGES for word in texts[language].split()]
