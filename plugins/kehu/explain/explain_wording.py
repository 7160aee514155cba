"""The sentences of ``kehu explain`` in English and Chinese."""

from __future__ import annotations

from collections.abc import Callable

Words = Callable[..., str]
"""``words(key, **figures)`` gives one sentence."""

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Customer {customer} in release {release}, as of {day}", "客户 {customer}，版本 {release}，截至 {day}"),
    "one_record": (
        "Known by one record: {record} ({kind}, first seen {day})",
        "仅有一条来源记录：{record}（{kind}，首次出现 {day}）",
    ),
    "records": ("One person from {count} records:", "由 {count} 条来源记录合并为一人："),
    "record": ("{record} ({kind}, first seen {day}): {links}", "{record}（{kind}，首次出现 {day}）：{links}"),
    "link": ("{linked_by} {record}", "与 {record} {linked_by}"),
    "primary": ("gives the id, seen first", "最早出现，作为客户编号"),
    "bridged": ("linked by the others", "由其他记录关联"),
    "more_records": ("and {count} more", "另有 {count} 条"),
    "customer": ("customer", "客户"),
    "lead": ("lead", "线索"),
    "inferred": ("known from events", "仅见于业务记录"),
    "email": ("same e-mail as", "邮箱相同"),
    "phone": ("same phone as", "电话相同"),
    "external_id": ("referenced with", "互相引用"),
    "conversion": ("lead and customer with", "线索转化"),
    "manual": ("joined by hand with", "人工合并"),
    "rfm": ("RFM segment: {label} ({segment})", "RFM 细分：{label}（{segment}）"),
    "rfm_none": (
        "RFM segment: unknown, because no valid order falls into the window that RFM looks at",
        "RFM 细分：未知，因为 RFM 统计窗口内没有有效订单",
    ),
    "recency_days": ("recency, {value} days since the last valid order", "最近购买：距最近一次有效订单 {value} 天"),
    "frequency": ("frequency, {value} valid orders", "购买频次：{value} 个有效订单"),
    "monetary": ("monetary, net revenue {value} {currency}", "购买金额：净收入 {value} {currency}"),
    "cuts": ("cut points at 20, 40, 60 and 80 % ({origin}): {cuts}", "20、40、60、80 % 分位点（{origin}）：{cuts}"),
    "computed": ("computed from this release's customers", "按本版本客户计算"),
    "frozen": ("frozen from an earlier release", "沿用较早版本"),
    "score": (
        "{below} of {count} lie strictly below {value}, so {letter} = {formula} = {score}",
        "{count} 个分位点中有 {below} 个严格低于 {value}，故 {letter} = {formula} = {score}",
    ),
    "cell": (
        "code {code}: the cell R{r} F{f} of the grid is {label}",
        "代码 {code}：网格中 R{r} F{f} 单元为「{label}」",
    ),
    "tier": ("Value tier: {label} ({tier})", "价值层级：{label}（{tier}）"),
    "tier_none": ("Value tier: unknown, because there is no valid order", "价值层级：未知，因为没有有效订单"),
    "rank": (
        "net revenue {value} {currency} is number {rank} of the {buyers} customers with a valid order",
        "净收入 {value} {currency}，在 {buyers} 位有有效订单的客户中排第 {rank}",
    ),
    "before": (
        "the customers above it bring {before} of {total} {currency}, which is {share}",
        "排名更高的客户共贡献 {before} / {total} {currency}，占 {share}",
    ),
    "tier_high": ("{share} is below {high}, so the tier is high", "{share} 低于 {high}，故为高价值"),
    "tier_medium": (
        "{share} is not below {high} but below {medium}, so the tier is medium",
        "{share} 不低于 {high} 但低于 {medium}，故为中价值",
    ),
    "tier_low": ("{share} is not below {medium}, so the tier is low", "{share} 不低于 {medium}，故为低价值"),
    "tier_not_positive": (
        "net revenue of zero or less is low in any case",
        "净收入小于或等于零，一律为低价值",
    ),
    "lifecycle": ("Lifecycle stage: {label} ({stage})", "生命周期阶段：{label}（{stage}）"),
    "dates": (
        "first purchase {first}, last purchase {last}: {days} days ago",
        "首次购买 {first}，最近购买 {last}：{days} 天前",
    ),
    "cadence": (
        "usual days between purchases: {cadence} ({whose}); next purchase overdue by {overdue} days, negative if not due yet",
        "通常购买间隔：{cadence} 天（{whose}）；下次购买超期 {overdue} 天（负数为未到期）",
    ),
    "own": ("this customer's own median", "该客户自身中位数"),
    "population": ("the population's median, too few purchases for an own one", "总体中位数，自身购买次数不足"),
    "limits": (
        "at risk after {at_risk} days without a purchase, churned after {churn} days",
        "沉默超过 {at_risk} 天为流失预警，超过 {churn} 天为流失",
    ),
    "first_match": ("rules in order, the first that matches decides:", "按顺序判断规则，首个符合者生效："),
    "no_match": ("no", "否"),
    "match": ("yes", "是"),
    "not_reached": ("not reached", "未判断"),
    "no_valid_order": ("no valid order (purchase days: {purchase_days})", "没有有效订单（购买日：{purchase_days}）"),
    "silent_beyond_churn_limit": (
        "{days} days since the last purchase > churn limit {churn}",
        "距最近购买 {days} 天 > 流失界限 {churn} 天",
    ),
    "first_purchase_is_recent": (
        "first purchase {tenure} days ago <= {new_days}",
        "首次购买距今 {tenure} 天 <= {new_days}",
    ),
    "overdue_against_cadence": (
        "{days} days since the last purchase > at-risk limit {at_risk}",
        "距最近购买 {days} 天 > 预警界限 {at_risk} 天",
    ),
    "returned_after_churn": (
        "a purchase of the last {reactivated_days} days ended a gap beyond the churn limit (on: {returned})",
        "最近 {reactivated_days} 天内有购买结束了超过流失界限的间隔（日期：{returned}）",
    ),
    "frequent_and_established": (
        "{in_window} purchase days of {loyal_window_days} >= {loyal_min_days}, first {tenure} days ago >= {loyal_tenure_days}",
        "{loyal_window_days} 天内购买日 {in_window} >= {loyal_min_days}，首次购买距今 {tenure} 天 >= {loyal_tenure_days}",
    ),
    "no_other_rule": ("everybody else", "其他所有客户"),
    "since": (
        "in this stage since {since}, the day on which it was first observed",
        "自 {since}（首次观察日）起处于该阶段",
    ),
    "relationship": ("Relationship stage: {label} ({stage})", "关系阶段：{label}（{stage}）"),
    "windows": (
        (
            "net revenue of the last {relationship_window_days} days {later} {currency}; "
            "of as many before {earlier} {currency} on {earlier_days} purchase days in {tenure_within} days of tenure"
        ),
        (
            "最近 {relationship_window_days} 天净收入 {later} {currency}；"
            "此前同样天数 {earlier} {currency}（购买日 {earlier_days}，期内客户天数 {tenure_within}）"
        ),
    ),
    "ratio": ("ratio, the earlier window scaled to its tenure: {ratio}", "比值（前一窗口按客户天数折算）：{ratio}"),
    "decided_by": ("the first rule that matches: {rule}", "首个符合的规则：{rule}"),
    "overdue_or_silent": ("lifecycle stage {lifecycle}", "生命周期阶段为{lifecycle}"),
    "no_revenue_in_both_windows": (
        "net revenue of both windows is zero or less",
        "两个窗口的净收入均小于或等于零",
    ),
    "revenue_fell": (
        (
            "ratio {ratio} <= {relationship_decline_ratio}, with {earlier_days} >= {relationship_decline_min_days} "
            "purchase days in the earlier window"
        ),
        "比值 {ratio} <= {relationship_decline_ratio}，前一窗口购买日 {earlier_days} >= {relationship_decline_min_days}",
    ),
    "few_purchase_days": (
        "{purchase_days} purchase days <= {relationship_exploration_max_days}",
        "购买日 {purchase_days} <= {relationship_exploration_max_days}",
    ),
    "short_tenure": (
        "first purchase {tenure} days ago < {relationship_min_tenure_days}",
        "首次购买距今 {tenure} 天 < {relationship_min_tenure_days}",
    ),
    "revenue_grew": (
        "ratio {ratio} >= {relationship_growth_ratio}",
        "比值 {ratio} >= {relationship_growth_ratio}",
    ),
    "revenue_returned": (
        "net revenue of zero or less in the earlier window, more than that in the later one",
        "前一窗口净收入小于或等于零，后一窗口大于零",
    ),
    "value": ("Lifetime value", "生命周期价值"),
    "money": (
        "gross {gross} - discounts {discounts} - refunds {refunds} = net revenue {net} {currency}, margin {margin}",
        "总额 {gross} - 折扣 {discounts} - 退款 {refunds} = 净收入 {net} {currency}，毛利 {margin}",
    ),
    "purchases": (
        "{x} repeat purchase days, the last {t_x} weeks after the first, which was {t} weeks ago",
        "重复购买日 {x} 个，最近一次在首购后 {t_x} 周，首购距今 {t} 周",
    ),
    "model": ("model {model}, grade {grade}, fitted on: {segment}", "模型 {model}，等级 {grade}，拟合范围：{segment}"),
    "model_reason": ("why: {reason}", "理由：{reason}"),
    "model_parameters": ("parameters: {parameters}", "参数：{parameters}"),
    "expected_orders": (
        "expected purchase days in the next {weeks} weeks: {expected}, discounted at {rate} a year: {discounted}",
        "未来 {weeks} 周预期购买日 {expected}，按年 {rate} 折现后为 {discounted}",
    ),
    "order_value": (
        "expected value of a purchase: {value} {currency} (own mean of repeat purchases: {own})",
        "单次购买预期金额：{value} {currency}（自身重复购买均值：{own}）",
    ),
    "clv_product": (
        "predicted value: {margin} margin ({origin}) x discounted purchases x value of one = {value} {currency}",
        "预测价值：毛利率 {margin}（{origin}）x 折现购买日 x 单次金额 = {value} {currency}",
    ),
    "margin_var": ("set", "设定"),
    "margin_measured": ("measured over all customers", "按全部客户实测"),
    "margin_default": ("default, nothing to measure", "默认值，无可测数据"),
    "interval": (
        "in {share} of the cases this one customer brings between {low} and {high} {currency}",
        "{share} 的情形下，该客户贡献在 {low} 至 {high} {currency} 之间",
    ),
    "no_interval": ("no interval: a baseline does not know how sure it is", "无区间：基准方法不给出不确定性"),
    "predicted_clv": ("predicted value: {value}", "预测价值：{value}"),
    "alive_bg_nbd": (
        "{value} by construction: bg_nbd loses nobody before the second purchase, so this says nothing yet",
        "{value}（模型使然：bg_nbd 假定首购后不会立即流失，此值尚无信息）",
    ),
    "alive_nbd": (
        "{value} by construction: nbd loses nobody at all",
        "{value}（模型使然：nbd 假定无人流失）",
    ),
    "alive_baseline": ("not told by a baseline", "基准方法不提供"),
    "risk": ("Risk", "风险"),
    "probability_alive": ("probability of being a customer still: {value}", "仍为客户的概率：{value}"),
    "churn_risk_band": ("churn risk: {value}", "流失风险：{value}"),
    "priority": ("priority: {value}", "优先级：{value}"),
    "not_modelled": ("not modelled yet", "尚未建模"),
    "none": ("none", "无"),
}


def words_in(language: str) -> Words:
    """The sentences in a language: ``en`` or ``zh``. A key without a sentence (a code of the analysts') is shown itself."""
    position = ("en", "zh").index(language)

    def words(key: str, **figures: object) -> str:
        return _TEXTS.get(key, (key, key))[position].format(**figures)

    return words
