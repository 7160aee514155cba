"""Releases with little in them: nothing, one customer, one month, no refunds, values that are null."""

from __future__ import annotations

import pytest

from kehu.report.chapters import chapters
from tests.unit.report.invented_release import write_report
from tests.unit.report.parsed_page import ParsedPage

RELEASE = "insert into analytics.release values ('r20240317_x', date '2024-03-17', null, null, '0.1.0', 'duckdb', null)"

ONE_CUSTOMER = (
    RELEASE,
    """insert into analytics.fct_orders
        values ('s:o1', 's:1', date '2024-03-02', 'completed', true, 50, 0, 0, 50, 30, false, 20)""",
    """insert into analytics.dim_customers
        values ('s:1', 1, 50, 0, 0, 50, 20, 'new', 'high', 'new', null, date '2024-03-17')""",
    "insert into analytics.customer_rfm values ('s:1', 15, 1, 50, 5, 1, 1, '511', 'new', date '2024-03-17')",
    """insert into analytics.segment_summary values
        ('rfm', 'new', 'New', '新客户', 1, 1, 50, 1, 20, 50, null, 0, null, date '2024-03-17'),
        ('rfm', 'loyal', 'Loyal', '忠诚客户', 0, 0, 0, 0, 0, null, null, null, null, date '2024-03-17'),
        ('value_tier', 'high', 'High value', '高价值', 1, 1, 50, 1, 20, 50, null, 0, null, date '2024-03-17'),
        ('lifecycle', 'new', 'New', '新客户', 1, 1, 50, 1, 20, 50, null, 0, null, date '2024-03-17')""",
    """insert into analytics.cohort_retention
        values (date '2024-03-01', 0, 1, 1, 1, 50, 50, false, date '2024-03-17')""",
    """insert into analytics.revenue_concentration
        select percentile, case when percentile > 0 then 1 else 0 end, case when percentile > 0 then 50 else 0 end,
            case when percentile > 0 then 1 else 0 end, 0, 1, date '2024-03-17'
        from range(0, 101) as percentiles(percentile)""",
    """insert into analytics.personas values
        ('unknown', 'Unknown', '未知', null, null, 'customers with an order: 1; at least 100 are needed',
            '客户太少', 1, 1, 1, 50, 1,
            date '2024-03-17')""",
    """insert into analytics.kpi_monthly (month, revenue, margin, customers, active, new, aov, orders_per_customer,
            is_complete, as_of_date)
        values (date '2024-03-01', 50, 20, 1, 1, 1, 50, 1, false, date '2024-03-17')""",
    "insert into analytics.customer_lifetime_value values ('s:1', 'insufficient', null, date '2024-03-17')",
    """insert into analytics.clv_model_quality (segment, model_name, kind, grade, reason, margin_rate_origin, horizon_weeks,
            margin_rate, annual_discount_rate, is_trustworthy, is_chosen, is_frozen)
        values ('all', 'bg_nbd', 'model', null, '0 customers had bought again', 'measured', 52, 0.4, 0.1, false, false, false),
            ('all', 'none', 'none', 'insufficient', 'no prediction', 'measured', 52, 0.4, 0.1, false, true, false),
            ('all', 'no_spend', 'spend', null, 'no spend', 'measured', 52, 0.4, 0.1, true, true, false)""",
    """insert into analytics.data_quality
        values ('r20240317_x', date '2024-03-17', 'marts', 'dim_customers', 'one row', 'critical', 'passed', '0', '0', 'why')""",
)


def draw(release, tmp_path, language="en"):
    page = ParsedPage(write_report(release, tmp_path / f"{language}.html", language, "USD"))
    assert "None" not in page.text
    assert "nan" not in page.text.lower().split()
    return page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_release_says_for_each_section_why_it_is_missing(empty_release, tmp_path, language):
    page = draw(empty_release, tmp_path, language)
    assert len(page.texts_of("p.missing")) == len(chapters())
    assert page.drawings == {}
    assert page.tables == {}


def test_an_empty_release_shows_no_invented_ratio(empty_release, tmp_path):
    figures = draw(empty_release, tmp_path).figures()
    assert figures["Net revenue"][0] == "0"
    assert figures["Valid orders"][0] == "0"
    assert figures["Average order"][0] == "–"
    assert figures["Repeat rate"][0] == "–"
    assert figures["Gross margin"][1] == "– of net revenue"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_customer_with_one_order_in_an_unfinished_month(make_release, tmp_path, language):
    page = draw(make_release(*ONE_CUSTOMER), tmp_path, language)
    shown = ("rfm", "lifecycle", "concentration", "lifetime", "kpis", "quality")
    assert len(page.texts_of("p.missing")) == len(chapters()) - len(shown), (
        "no finished month, no finished later month, nobody told apart, no text, and no table of the later chapters"
    )
    assert {"rfm-map-wide", "value-tiers-wide", "kpi-revenue-wide", "lifecycle-stages-narrow"} <= set(page.drawings)


def test_one_is_not_written_as_many(make_release, tmp_path):
    page = draw(make_release(*ONE_CUSTOMER), tmp_path)
    assert page.texts_of("h1") == ["USD 50.00 of net revenue from 1 customer"]
    assert "1 customers" not in page.text
    assert "1 checks" not in page.text
    assert "Nobody is at risk of leaving, and nobody has left" in page.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_month_of_all_has_a_base_and_no_way_between_stages(make_release, tmp_path, language):
    statements = (
        "delete from analytics.lifecycle_transitions where from_stage <> 'entered'",
        """delete from analytics.customer_ledger
            where month <> (select min(ways.month) from analytics.lifecycle_transitions as ways)""",
    )
    page = draw(make_release(*statements, full=True), tmp_path, language)
    assert "movement-ledger-wide" in page.drawings
    assert not {"movement-flow-wide", "movement-map-wide"} & set(page.drawings)


def test_a_segment_without_customers_is_not_drawn(make_release, tmp_path):
    page = draw(make_release(*ONE_CUSTOMER), tmp_path)
    assert [row["Segment"] for row in page.table("Segments by net revenue")] == ["New"]


def test_a_release_before_its_first_sale(make_release, tmp_path):
    prospect = """insert into analytics.dim_customers
        values ('s:1', 0, 0, 0, 0, 0, 0, 'unknown', 'unknown', 'prospect', null, date '2024-03-17')"""
    segments = """insert into analytics.segment_summary values
        ('rfm', 'unknown', 'Unknown', '未知', 1, 1, 0, null, 0, null, null, 0, null, date '2024-03-17'),
        ('value_tier', 'unknown', 'Unknown', '未知', 1, 1, 0, null, 0, null, null, 0, null, date '2024-03-17'),
        ('lifecycle', 'prospect', 'Prospects', '潜在客户', 1, 1, 0, null, 0, null, null, 0, null, date '2024-03-17')"""
    page = draw(make_release(RELEASE, prospect, segments), tmp_path)
    assert page.texts_of("h1") == ["Nobody has bought by 17 March 2024"]
    assert "lifecycle-stages-wide" in page.drawings
    assert "rfm-map-wide" not in page.drawings


def test_buyers_who_returned_everything(make_release, tmp_path):
    statements = (
        "update analytics.segment_summary set net_revenue = 0, share_of_revenue = null",
        "update analytics.dim_customers set net_revenue = 0",
        "update analytics.customer_rfm set monetary = 0",
        """update analytics.revenue_concentration
            set cumulative_revenue = 0, cumulative_share_of_revenue = null, gini = null, top_20_share = null""",
        "update analytics.kpi_monthly set revenue = 0",
    )
    page = draw(make_release(*statements, full=True), tmp_path)
    assert any("There is no positive revenue yet" in text for text in page.texts_of("p.missing"))
    assert "rfm-shares-wide" in page.drawings


def test_negative_revenue_is_shown_as_it_is(make_release, tmp_path):
    statements = (
        "update analytics.segment_summary set net_revenue = -5000, share_of_revenue = -0.1 where segment = 'churned'",
        "update analytics.dim_customers set net_revenue = -1 where customer_id = 'shop:1001'",
    )
    page = draw(make_release(*statements, full=True), tmp_path)
    churned = next(row for row in page.table("Lifecycle stages") if row["Stage"] == "Churned")
    assert churned["Net revenue, USD"] == "−5,000"
    assert churned["Share of net revenue"] == "−10.0%"
    assert "1 customer with negative net revenue count as zero here." in page.text


def test_guests_of_the_month_are_not_counted_as_customers(make_release, tmp_path):
    guests = "update analytics.kpi_monthly set guest_orders = 3 where month = date '2024-02-01'"
    page = draw(make_release(guests, full=True), tmp_path)
    assert any(" customers and 3 guest orders, " in headline for headline in page.texts_of("h2"))


def test_half_of_the_revenue_of_few_buyers_is_a_share_of_the_buyers(make_release, tmp_path):
    page = draw(make_release(*ONE_CUSTOMER), tmp_path)
    assert "The best 100% of buyers, 1 customer, bring half of net revenue; Gini 0.00" in page.texts_of("h3")


def test_no_refunds_and_no_guests(make_release, tmp_path):
    statements = (
        "delete from analytics.fct_orders where customer_id is null",
        "update analytics.fct_orders set refunds = 0, net_revenue = gross_revenue - discounts",
    )
    page = draw(make_release(*statements, full=True), tmp_path)
    assert page.figures()["Net revenue"][1].endswith("− 0 refunds")
    assert "guest" not in page.texts_of("h1")[0]


def test_a_release_whose_months_are_all_over_has_nothing_hatched_or_dotted(make_release, tmp_path):
    statements = (
        "update analytics.cohort_retention set is_complete = true",
        "update analytics.kpi_monthly set is_complete = true",
    )
    page = draw(make_release(*statements, full=True), tmp_path)
    assert page.drawings["cohort-retention-wide"]["data"][0]["x"] == []
    assert "Hatched" not in page.text
    assert "dot" not in [
        trace["line"].get("dash") for trace in page.drawings["kpi-revenue-wide"]["data"] if "line" in trace
    ]
    assert "*" not in "".join(page.tables["Monthly measures"][1])


def test_many_cohorts_and_months_are_cut_to_the_latest(make_release, tmp_path):
    statements = (
        """insert into analytics.cohort_retention
            select date '2015-01-01' + to_months(number::integer), 1, 10, 4, 0.4, 0, 0, true, date '2024-03-17'
            from range(0, 60) as months(number)""",
        """insert into analytics.kpi_monthly (month, revenue, active, new, is_complete)
            select date '2015-01-01' + to_months(number::integer), 10, 1, 1, true from range(0, 60) as months(number)""",
    )
    page = draw(make_release(*statements, full=True), tmp_path)
    assert len(page.tables["Monthly measures"]) == 1 + 36
    assert "Cohorts before January 2023 are not shown; the top row counts them." in page.text


@pytest.mark.parametrize(("last_age", "is_said"), [(24, False), (25, True)])
def test_ages_that_are_not_shown_are_named(make_release, tmp_path, last_age, is_said):
    statement = f"""insert into analytics.cohort_retention
        select date '2021-12-01', number, 10, 4, 0.4, 0, 0, true, date '2024-03-17'
        from range(1, {last_age} + 1) as ages(number)"""
    page = draw(make_release(statement, full=True), tmp_path)
    assert page.tables["Retention by cohort"][0][-1] == "+24"
    assert ("Not shown: what was bought more than 24 months after the first purchase." in page.text) == is_said
    assert "Hatched" in page.text


def test_a_measure_that_a_later_model_fills_gets_its_chart(make_release, tmp_path):
    page = draw(make_release("update analytics.kpi_monthly set nps = 31.5, cac = 12", full=True), tmp_path)
    assert "kpi-nps-wide" in page.drawings
    assert "Net promoter score" in page.tables["Monthly measures"][0]


def test_failed_checks_come_first(make_release, tmp_path):
    statement = """insert into analytics.data_quality values
        ('r', date '2024-03-17', 'marts', 'zz', 'last by name', 'critical', 'failed', '9', '0', 'because'),
        ('r', date '2024-03-17', 'marts', 'zz', 'could not run', 'warning', 'error', null, null, null)"""
    page = draw(make_release(statement, full=True), tmp_path)
    assert [row["Verdict"] for row in page.table("What did not simply pass")][:3] == ["Failed", "Failed", "Warning"]
    assert "2 of 14 checks failed: use this release with care" in page.texts_of("h2")


def test_what_an_unfinished_month_has_reached_is_in_the_table_and_not_in_the_line(make_release, tmp_path):
    page = draw(
        make_release("update analytics.kpi_monthly set retention_rate = 0.01 where not is_complete", full=True),
        tmp_path,
    )
    assert page.table("Monthly measures")[0]["Retention, month over month"] == "1.0%"
    values = [value for trace in page.drawings["kpi-retention-rate-wide"]["data"] for value in trace["y"]]
    assert 0.01 not in values
    months = len(page.table("Monthly measures"))
    assert page.table("Monthly measures")[0]["Net revenue"] != "–"
    for trace in page.drawings["kpi-revenue-wide"]["data"]:
        assert months - 1 not in [x for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None]


def test_rates_are_drawn_where_no_month_is_over_yet(make_release, tmp_path):
    page = draw(make_release(*ONE_CUSTOMER, "update analytics.kpi_monthly set repeat_rate = 0"), tmp_path)
    assert page.drawings["kpi-repeat-rate-wide"]["data"][-1]["y"] == [0]
    assert "which is not over yet" in page.text


def test_too_little_data_is_a_grade_and_no_number(make_release, tmp_path):
    page = draw(make_release(*ONE_CUSTOMER), tmp_path)
    assert "No lifetime value is predicted for 1 customer: too little has happened yet" in page.text
    assert "Grade insufficient" in page.text
    assert "As recorded: no prediction." in page.text
    assert [row["Verdict"] for row in page.table("Models and baselines")] == ["Not fitted: too little data"]
    assert "clv-tracking-wide" not in page.drawings


def test_a_baseline_in_use_is_named_with_what_it_cannot_do(make_release, tmp_path):
    statements = (
        "update analytics.clv_model_quality set is_chosen = false, grade = null where model_name = 'mbg_nbd'",
        "update analytics.clv_model_quality set is_chosen = true, grade = 'C' where model_name = 'population_mean'",
        "update analytics.clv_tracking set model_name = null, expected = null, cumulative_expected = null",
    )
    page = draw(make_release(*statements, full=True), tmp_path)
    assert "so the best baseline, “mean of all”, is used" in page.text
    assert "It does not know who has left" in page.text
    assert len(page.drawings["clv-tracking-wide"]["data"]) == 1
    assert page.table("Models and baselines")[0]["Verdict"] == "In use, grade C"


def test_alive_by_construction_is_never_left_unsaid(make_release, tmp_path):
    statements = (
        "update analytics.clv_model_quality set is_chosen = false where model_name = 'mbg_nbd'",
        "update analytics.clv_model_quality set is_chosen = true, grade = 'B', at_bound = null where model_name = 'bg_nbd'",
    )
    page = draw(make_release(*statements, full=True), tmp_path)
    assert "its probability of being alive is 100% by construction" in page.text
