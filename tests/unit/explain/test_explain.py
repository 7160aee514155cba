"""Every figure that ``kehu explain`` shows is one that the release holds or that follows from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kehu.errors import ReleaseError, UsageError
from kehu.explain.explain import explain
from kehu.ops.tables import candidate_schema
from kehu.settings import Settings
from tests.unit.release.candidates import add_candidate, check_again, identity, ops_session, published, settings_for

NAME = identity("2018-01-01")

MARTS = {
    "dim_customers": """
        select * from (values
            ('shop:1', 'crm:9,shop:1', 12, 900.00, 'high', 'secret@example.com'),
            ('shop:2', 'shop:2', 3, 80.00, 'medium', null),
            ('crm:2', 'crm:2', 1, 20.00, 'low', null),
            ('shop:4', 'shop:4', 1, -5.00, 'low', null),
            ('crm:5', 'crm:5', 0, 0.00, 'unknown', null)
        ) v(customer_id, source_customer_ids, order_count, net, value_tier, email)""",
    "map_source_customers_to_customers": """
        select *, source_customer_id = customer_id as is_primary, split_part(source_customer_id, ':', 1) as source
        from (values
            ('shop:1', 'shop:1', 'customer', timestamp '2017-01-01 01:00:00'),
            ('crm:9', 'shop:1', 'customer', timestamp '2017-01-02 01:00:00'),
            ('crm:lead:7', 'shop:1', 'lead', timestamp '2017-01-03 01:00:00'),
            ('shop:5', 'shop:1', 'inferred', timestamp '2017-01-01 02:00:00'),
            ('shop:2', 'shop:2', 'customer', timestamp '2017-01-01 01:00:00'),
            ('crm:2', 'crm:2', 'customer', timestamp '2017-01-01 01:00:00'),
            ('shop:4', 'shop:4', 'customer', timestamp '2017-01-01 01:00:00'),
            ('crm:5', 'crm:5', 'inferred', timestamp '2017-01-01 01:00:00')
        ) v(source_customer_id, customer_id, record_kind, first_seen_at)""",
    "customer_record_links": """
        select * from (values
            ('crm:9', 'shop:1', 'shop:1', 'email'), ('crm:9', 'shop:1', 'shop:1', 'phone'),
            ('crm:9', 'shop:5', 'shop:1', 'external_id'), ('crm:lead:7', 'crm:9', 'shop:1', 'manual')
        ) v(source_customer_id, linked_to, customer_id, linked_by)""",
    "customer_rfm": """
        select 'shop:1' as customer_id, '545' as rfm_code, 'champions' as rfm_segment, 'Champions' as label_en,
            '冠军客户' as label_zh, 2 as recency_days, 12::bigint as frequency, 900.00::decimal(18, 2) as monetary,
            5 as r_score, 4 as f_score, 5 as m_score""",
    "rfm_cut_points": """
        select measure, origin, quantile, cut_point::double as cut_point from (values
            ('recency_days', 'computed', 0.2, 5.0), ('recency_days', 'computed', 0.4, 20.5),
            ('recency_days', 'computed', 0.6, 60.0), ('recency_days', 'computed', 0.8, 200.0),
            ('frequency', 'computed', 0.2, 1.0), ('frequency', 'computed', 0.4, 2.0),
            ('frequency', 'computed', 0.6, 5.0), ('frequency', 'computed', 0.8, 12.0),
            ('monetary', 'computed', 0.2, 0.0), ('monetary', 'computed', 0.4, 20.0),
            ('monetary', 'computed', 0.6, 30.0), ('monetary', 'computed', 0.8, 80.25)
        ) v(measure, origin, quantile, cut_point)""",
    "customer_lifecycle": """
        select customer_id, stage as lifecycle_stage, reason as lifecycle_reason, upper(stage) as label_en,
            '阶段' as label_zh, relationship as relationship_stage, why as relationship_reason,
            upper(relationship) as relationship_label_en, '关系' as relationship_label_zh, days as days_since_last_order,
            14.5::double as own_cadence_days, (days - 14.5)::double as days_overdue,
            180.0::double as churn_limit_days, 30.0::double as at_risk_limit_days,
            bought::bigint as purchase_day_count, bought::bigint as purchase_days_in_window, true as is_own_cadence,
            date '2018-01-01' - tenure as first_purchase_date, date '2018-01-01' - days as last_purchase_date,
            null::date as returned_on, date '2017-11-30' as stage_since,
            case when bought > 0 then 5 end::bigint as earlier_purchase_days,
            case when bought > 0 then 121 end as earlier_tenure_days,
            case when bought > 0 then 75 end::decimal(18, 2) as later_net_revenue,
            case when bought > 0 then earlier end::decimal(18, 2) as earlier_net_revenue,
            75 / (earlier * 180 / 121) as revenue_ratio
        from (values
            ('shop:1', 'loyal', 'frequent_and_established', 2, 300, 11, 'decline', 'revenue_fell', 100.0),
            ('shop:2', 'churned', 'silent_beyond_churn_limit', 200, 320, 3, 'decline', 'overdue_or_silent', 100.0),
            ('crm:2', 'new', 'first_purchase_is_recent', 8, 8, 1, 'exploration', 'few_purchase_days', null),
            ('shop:4', 'new', 'first_purchase_is_recent', 8, 8, 1, 'exploration', 'few_purchase_days', null),
            ('crm:5', 'prospect', 'no_valid_order', null, null, 0, 'none', 'no_valid_order', null)
        ) v(customer_id, stage, reason, days, tenure, bought, relationship, why, earlier)""",
    "customer_lifetime_value": """
        select customer_id, model as model_name, grade as model_grade, 'all' as fit_segment, x, t_x::double as t_x,
            t::double as t, alive, mean::decimal(18, 2) as mean_repeat_value, expected as expected_orders_52w,
            discounted as discounted_orders,
            of_one::decimal(18, 2) as expected_order_value, low::decimal(18, 2) as predicted_clv_low,
            high::decimal(18, 2) as predicted_clv_high
        from (values
            ('shop:1', 'bg_nbd', 'A', 10::bigint, 42.5, 43.0, 0.75::double, 80.00, 7.5::double, 7.2::double, 78.00, 9.00, 400.00),
            ('crm:2', 'bg_nbd', 'A', 0, 0.0, 1.1, 1.0, null, 1.25, 1.2, 36.00, 0.00, 99.00),
            ('shop:2', 'zero', 'C', 2, 9.0, 46.0, null, 5.00, 0.0, 0.0, 36.00, null, null),
            ('shop:4', null, 'insufficient', 0, 0.0, 1.1, null, null, null, null, null, null, null)
        ) v(customer_id, model, grade, x, t_x, t, alive, mean, expected, discounted, of_one, low, high)""",
    "clv_model_quality": """
        select 'all' as segment, 'bg_nbd' as model_name, 'model' as kind, true as is_chosen, 0.25::double as margin_rate,
            'measured' as margin_rate_origin, 'it beat naive_rate' as reason, '{"a": 0.5}' as parameters
        union all select 'all', 'gamma_gamma', 'spend', true, 0.25, 'measured', 'spend', '{"p": 6}'""",
    "fct_orders": """
        select 'shop:' || n as order_id, 'shop:1' as customer_id, date '2017-01-01' as order_date, n < 5 as is_valid,
            n in (1, 5) as is_cost_estimated
        from range(1, 6) t(n)""",
    "segment_summary": """
        select 'value_tier' as segmentation, 'high' as segment, 'High value' as label_en, '高价值' as label_zh""",
}
COMPLETED = """
    create or replace table {schema}.dim_customers as
    select dim_customers.* exclude (net), net::decimal(18, 2) as net_revenue, (net + 15)::decimal(18, 2) as gross_revenue,
        10.00::decimal(18, 2) as discounts, 5.00::decimal(18, 2) as refunds, (net / 4)::decimal(18, 2) as margin,
        null::varchar as relationship_stage, clv.alive as probability_alive,
        (clv.discounted_orders * clv.expected_order_value * 0.25)::decimal(18, 2) as predicted_clv,
        null::varchar as churn_risk_band, null::varchar as priority, date '2018-01-01' as as_of_date
    from {schema}.dim_customers
    left join {schema}.customer_lifetime_value as clv using (customer_id)
"""
RULES = """
    select * from (values
        (1, 'prospect', 'no_valid_order'), (2, 'churned', 'silent_beyond_churn_limit'),
        (3, 'new', 'first_purchase_is_recent'), (4, 'at_risk', 'overdue_against_cadence'),
        (5, 'reactivated', 'returned_after_churn'), (6, 'loyal', 'frequent_and_established'),
        (7, 'active', 'no_other_rule')
    ) v(rule_order, lifecycle_stage, reason_code)
"""


@pytest.fixture(scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = settings_for(tmp_path_factory.mktemp("explain") / "home")
    add_candidate(home, NAME)
    schema = candidate_schema(NAME)
    with ops_session(home) as session:
        for table, sql in MARTS.items():
            session.execute(f"create or replace table {schema}.{table} as {sql}")
        session.execute(COMPLETED.format(schema=schema))
        labels = "upper(lifecycle_stage) as label_en, '规则' as label_zh"
        session.execute(f"create table seeds.lifecycle_rules as select *, {labels} from ({RULES})")
        check_again(session, NAME)
    published(home, NAME)
    return home.home


@pytest.fixture
def release(_template: Path, tmp_path: Path) -> Settings:
    return settings_for(shutil.copytree(_template, tmp_path / "home", symlinks=True))


def test_the_rfm_segment_is_derived_from_the_cut_points(release: Settings) -> None:
    text = explain(release, "shop:1")
    assert f"Customer shop:1 in release {NAME}, as of 2018-01-01" in text
    assert "RFM segment: Champions (champions)" in text
    assert "5 | 20.5 | 60 | 200" in text
    assert "0 of 4 lie strictly below 2, so R = 5 - 0 = 5" in text
    assert "3 of 4 lie strictly below 12, so F = 1 + 3 = 4" in text, "a value equal to a cut point is not above it"
    assert "4 of 4 lie strictly below 900.00, so M = 1 + 4 = 5" in text
    assert "code 545: the cell R5 F4 of the grid is Champions" in text


def test_the_value_tier_is_derived_from_the_customers_above(release: Settings) -> None:
    high, medium, low, negative, none = (
        explain(release, customer) for customer in ("shop:1", "shop:2", "crm:2", "shop:4", "crm:5")
    )
    assert "net revenue 900.00 USD is number 1 of the 4 customers" in high
    assert "bring 0.00 of 1,000.00 USD, which is 0.00 %" in high
    assert "0.00 % is below 80.00 %, so the tier is high" in high
    assert "Value tier: High value (high)" in high
    assert "bring 900.00 of 1,000.00 USD, which is 90.00 %" in medium
    assert "90.00 % is not below 80.00 % but below 95.00 %, so the tier is medium" in medium
    assert "98.00 % is not below 95.00 %, so the tier is low" in low
    assert "net revenue of zero or less is low in any case" in negative
    assert "Value tier: unknown, because there is no valid order" in none
    assert "RFM segment: unknown" in none


def test_every_rule_of_the_lifecycle_is_shown_in_order(release: Settings) -> None:
    lines = [line.strip() for line in explain(release, "shop:1").splitlines()]
    first = lines.index("rules in order, the first that matches decides:")
    assert lines[first + 1 : first + 8] == [
        "1. PROSPECT: no valid order (purchase days: 11) → no",
        "2. CHURNED: 2 days since the last purchase > churn limit 180 → no",
        "3. NEW: first purchase 300 days ago <= 60 → no",
        "4. AT_RISK: 2 days since the last purchase > at-risk limit 30 → no",
        "5. REACTIVATED: a purchase of the last 90 days ended a gap beyond the churn limit (on: none) → no",
        "6. LOYAL: 11 purchase days of 365 >= 4, first 300 days ago >= 180 → yes",
        "7. ACTIVE: everybody else → not reached",
    ]
    assert any("14.5 (this customer's own median); next purchase overdue by -12.5 days" in line for line in lines)


def test_the_relationship_stage_is_derived_from_the_two_windows(release: Settings) -> None:
    fell, silent, few = (explain(release, customer) for customer in ("shop:1", "shop:2", "crm:2"))
    assert "Relationship stage: DECLINE (decline)" in fell
    assert (
        "net revenue of the last 180 days 75.00 USD; of as many before 100.00 USD on 5 purchase days in 121 days"
        in fell
    )
    assert "scaled to its tenure: 0.5" in fell
    assert "the first rule that matches: ratio 0.5 <= 0.75, with 5 >= 2 purchase days in the earlier window" in fell
    assert "the first rule that matches: lifecycle stage CHURNED" in silent
    assert "the first rule that matches: 1 purchase days <= 2" in few
    assert "in this stage since 2017-11-30" in few


def test_a_prospect_has_no_figures_and_the_first_rule(release: Settings) -> None:
    text = explain(release, "crm:5")
    assert "1. PROSPECT: no valid order (purchase days: 0) → yes" in text
    assert "first purchase none days ago <= 60 → not reached" in text
    assert "usual days" not in text


def test_what_no_model_has_filled_is_said_so(release: Settings) -> None:
    text = explain(release, "crm:5")
    for line in ("predicted value", "churn risk", "priority", "probability of being a customer still"):
        assert f"{line}: not modelled yet" in text
    assert "repeat purchase days" not in text


def test_the_predicted_value_is_shown_from_the_history_to_the_money(release: Settings) -> None:
    text = explain(release, "shop:1")
    assert "gross 915.00 - discounts 10.00 - refunds 5.00 = net revenue 900.00 USD, margin 225.00" in text
    assert "10 repeat purchase days, the last 42.5 weeks after the first, which was 43 weeks ago" in text
    assert "model bg_nbd, grade A, fitted on: all" in text
    assert "why: it beat naive_rate" in text
    assert 'parameters: {"a": 0.5}' in text
    assert "probability of being a customer still: 75.00 %" in text
    assert "expected purchase days in the next 52 weeks: 7.5, discounted at 10.00 % a year: 7.2" in text
    assert "expected value of a purchase: 78.00 USD (own mean of repeat purchases: 80.00)" in text
    assert (
        "25.00 % margin (over all customers, with the cost of 25.00 % of orders estimated)"
        " x discounted purchases x value of one = 140.40 USD"
    ) in text
    assert "in 80.00 % of the cases this one customer brings between 9.00 and 400.00 USD" in text


def test_nobody_is_called_alive_for_sure_by_construction(release: Settings) -> None:
    lines = [line for line in explain(release, "crm:2").splitlines() if "being a customer still" in line]
    assert len(lines) == 2
    assert all("100.00 % by construction: bg_nbd loses nobody before the second purchase" in line for line in lines)


def test_a_baseline_tells_neither_who_is_alive_nor_how_sure_it_is(release: Settings) -> None:
    text = explain(release, "shop:2")
    assert "model zero, grade C" in text
    assert "probability of being a customer still: not told by a baseline" in text
    assert "no interval: a baseline does not know how sure it is" in text


def test_too_little_data_for_a_prediction_is_a_grade_without_numbers(release: Settings) -> None:
    text = explain(release, "shop:4")
    assert "model none, grade insufficient" in text
    assert "predicted value: not modelled yet" in text
    assert "expected purchase days" not in text


def test_chinese_is_chinese(release: Settings) -> None:
    text = explain(settings_for(release.home, language="zh"), "shop:1")
    assert "RFM 细分：冠军客户（champions）" in text
    assert "价值层级：高价值（high）" in text
    assert "尚未建模" in text
    assert "未来 52 周预期购买日 7.5" in text
    assert "not modelled" not in text


def test_no_personal_value_is_shown(release: Settings) -> None:
    assert "secret" not in explain(release, "shop:1")


def test_the_records_of_a_person_come_with_the_evidence_that_joined_them(release: Settings) -> None:
    lines = explain(release, "shop:1").splitlines()
    first = lines.index("One person from 4 records:")
    assert lines[first + 1 : first + 5] == [
        "  shop:1 (customer, first seen 2017-01-01): gives the id, seen first",
        "  shop:5 (known from events, first seen 2017-01-01): linked by the others",
        "  crm:9 (customer, first seen 2017-01-02): same e-mail as shop:1, referenced with shop:5, same phone as shop:1",
        "  crm:lead:7 (lead, first seen 2017-01-03): joined by hand with crm:9",
    ]
    assert "Known by one record: crm:5 (known from events, first seen 2017-01-01)" in explain(release, "crm:5")


@pytest.mark.parametrize("asked", ["shop:1", "1", "crm:9", "9", "crm:lead:7", "lead:7", "shop:5"])
def test_a_customer_is_found_by_any_of_its_ids(release: Settings, asked: str) -> None:
    assert "Customer shop:1 " in explain(release, asked)


def test_an_id_of_several_sources_is_not_guessed(release: Settings) -> None:
    with pytest.raises(UsageError, match=r"more than one customer.*crm:2.*shop:2"):
        explain(release, "2")


def test_an_unknown_customer_is_an_error_that_shows_how_ids_look(release: Settings) -> None:
    with pytest.raises(UsageError, match=r"no customer.*sources=\['crm', 'shop'\], example='crm:2'") as unknown:
        explain(release, "somebody@example.com")
    assert "somebody" not in str(unknown.value), "what was typed may be personal"


def test_nothing_published_is_an_error(home: Settings) -> None:
    with pytest.raises(ReleaseError, match="nothing is published"):
        explain(home, "shop:1")
