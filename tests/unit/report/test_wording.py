"""Numbers, dates and plurals in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.report.wording import MINUS, Wording
from tests.unit.report.parsed_page import number, plain

ENGLISH, CHINESE = Wording("en", "USD"), Wording("zh", "CNY")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("4596039.58"), "USD 4,596,040"),
        (Decimal("1000"), "USD 1,000"),
        (Decimal("999.99"), "USD 999.99"),
        (Decimal("0"), "USD 0"),
        (Decimal("0.00"), "USD 0"),
        (Decimal("-12.5"), "USD −12.50"),
        (Decimal("-12345.5"), "USD −12,346"),
        (None, "–"),
    ],
)
def test_money(amount, text):
    assert plain(ENGLISH.money(amount)) == text


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1234, "1.2K", "1,234"),
        (12345, "12.3K", "1.2万"),
        (4_596_039, "4.6M", "460万"),
        (1_000_000, "1M", "100万"),
        (123_456_789, "123M", "1.2亿"),
        (2_500_000_000, "2.5B", "25亿"),
        (-4500, "−4.5K", "−4,500"),
        (0.25, "0.3", "0.3"),
    ],
)
def test_compact(value, english, chinese):
    assert ENGLISH.compact(value) == english
    assert CHINESE.compact(value) == chinese


@pytest.mark.parametrize(
    ("share", "text"), [(0.98739, "98.7%"), (1, "100.0%"), (-0.1, "−10.0%"), (None, "–"), (0.0005, "0.1%")]
)
def test_percent(share, text):
    assert ENGLISH.percent(share) == text


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2))
def test_an_amount_is_never_off_by_more_than_its_last_digit(amount):
    shown = Decimal(ENGLISH.amount(amount).replace(",", "").replace(MINUS, "-"))
    assert abs(shown - amount) <= (Decimal("0.5") if abs(amount) >= 1000 else 0)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_a_count_reads_back_as_itself(count):
    assert number(ENGLISH.count(count)) == count


def test_dates():
    day = date(2018, 1, 1)
    assert (ENGLISH.day(day), ENGLISH.month(day), ENGLISH.short_month(day)) == (
        "1 January 2018",
        "January 2018",
        "Jan 2018",
    )
    assert (CHINESE.day(day), CHINESE.month(day), CHINESE.short_month(day)) == (
        "2018 年 1 月 1 日",
        "2018 年 1 月",
        "2018-01",
    )


def test_plurals():
    assert plain(ENGLISH.counted("customers", 1)) == "1 customer"
    assert plain(ENGLISH.counted("customers", 2469)) == "2,469 customers"
    assert plain(ENGLISH.counted("customers", 0)) == "0 customers"


def test_chinese_units_take_a_space_only_behind_a_character():
    customers = CHINESE.counted("customers", 3)
    guests = CHINESE.counted("guest_orders", 2)
    text = CHINESE.say("page.headline_with_guests", customers=customers, guest_orders=guests, money="CNY 1")
    assert text == "3 位客户与 2 笔游客订单累计贡献净收入 CNY 1"


def test_a_label_is_that_of_the_language_or_the_code():
    row = {"segment": "vip", "label_en": "Very important", "label_zh": None}
    assert ENGLISH.label(row) == "Very important"
    assert CHINESE.label(row) == "vip"
