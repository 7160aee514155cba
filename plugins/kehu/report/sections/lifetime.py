"""What customers are expected to bring, and how far that can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.report.blocks import Section
from kehu.report.chapters import Chapter
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.lifetime_charts import calibration_chart, gains_chart, tracking_chart
from kehu.report.sections.lifetime_models import models_table
from kehu.report.wording import Wording

_MODELS = """
select
    quality.*
from analytics.clv_model_quality as quality
where quality.segment = 'all'
order by
    quality.is_chosen desc,
    case quality.kind when 'model' then 1 when 'baseline' then 2 else 3 end,
    quality.holdout_rmse nulls last,
    quality.model_name
"""
_TOTAL = """
select
    count(*) as customers,
    count(customers.predicted_clv) as predicted,
    sum(customers.predicted_clv) as predicted_clv
from analytics.customer_lifetime_value as customers
"""
_APART = """
select count(distinct quality.segment) as segments
from analytics.clv_model_quality as quality
where quality.segment <> 'all'
"""
_COST = """
select count(*) as orders, count(case when orders.is_cost_estimated then 1 end) as estimated
from analytics.fct_orders as orders
where orders.is_valid
"""
_WEEKS = "select * from analytics.clv_tracking as weeks where weeks.segment = 'all' order by weeks.week"
_FREQUENCIES = """
select * from analytics.clv_calibration as calibration where calibration.segment = 'all' order by calibration.sort_order
"""
_DECILES = "select * from analytics.clv_gains as gains where gains.segment = 'all' order by gains.decile"


@dataclass(frozen=True)
class LifetimeData:
    """The models and baselines of all customers together, what is used first, its backtest, and how many costs are known."""

    models: list[Row]
    total: Row
    segments: int
    cost: Row
    weeks: list[Row]
    frequencies: list[Row]
    deciles: list[Row]

    @property
    def chosen(self) -> Row:
        """The model or baseline in use, or the verdict that nothing can be predicted."""
        return next(row for row in self.models if row["is_chosen"] and row["kind"] != "spend")

    @property
    def spend(self) -> Row | None:
        """The model of spend in use."""
        return next((row for row in self.models if row["is_chosen"] and row["kind"] == "spend"), None)


def read(reader: ReleaseReader) -> LifetimeData:
    """The quality of the models, and the tables of its backtest."""
    return LifetimeData(
        models=reader.rows(_MODELS),
        total=reader.row(_TOTAL),
        segments=reader.row(_APART)["segments"],
        cost=reader.row(_COST),
        weeks=reader.rows(_WEEKS),
        frequencies=reader.rows(_FREQUENCIES),
        deciles=reader.rows(_DECILES),
    )


def build(data: LifetimeData, words: Wording) -> Section:
    """The chapter, or the reason why there is none."""
    name = words.say("lifetime.name")
    if not any(row["is_chosen"] for row in data.models) or not data.total["customers"]:
        return Section("lifetime", name, missing=words.say("lifetime.missing"))
    charts = []
    if data.weeks:
        charts.append(tracking_chart(data.weeks, words))
    in_use = words.name("lifetime.models", data.chosen["model_name"])
    if data.frequencies:
        charts.append(calibration_chart(data.frequencies, in_use, words))
    if data.deciles:
        charts.append(gains_chart(data.deciles, in_use, words))
    return Section(
        "lifetime",
        name,
        _headline(data, words),
        _lead(data.chosen, words),
        tuple(charts),
        details=(models_table(data.models, words),),
        notes=tuple(_notes(data, words)),
    )


def _headline(data: LifetimeData, words: Wording) -> str:
    chosen, total = data.chosen, data.total
    if not total["predicted"]:
        customers = words.counted("customers", total["customers"])
        return words.say("lifetime.headline_insufficient", customers=customers)
    return words.say(
        "lifetime.headline",
        money=words.money(total["predicted_clv"]),
        customers=words.counted("customers", total["predicted"]),
        weeks=words.counted("weeks", chosen["horizon_weeks"]),
        grade=chosen["grade"],
    )


def _lead(chosen: Row, words: Wording) -> str:
    """Grade and reason in words."""
    grade = str(chosen["grade"])
    if grade not in ("A", "B", "C"):
        return words.say("lifetime.lead_insufficient")
    model = words.name("lifetime.models", chosen["model_name"])
    figures = {
        "model": model,
        "weeks": words.counted("weeks", chosen["holdout_weeks"]),
        "rmse": words.decimal(chosen["holdout_rmse"]),
        "total": words.percent(chosen["holdout_total_error"]),
    }
    if grade == "C":
        return words.say("lifetime.lead_c", **figures)
    best = chosen["best_baseline_rmse"]
    figures |= {
        "baseline": words.name("lifetime.models", chosen["best_baseline"]),
        "gain": words.percent(1 - chosen["holdout_rmse"] / best if best else None),
    }
    return words.say("lifetime.lead_a" if grade == "A" else "lifetime.lead_b", **figures)


def _notes(data: LifetimeData, words: Wording) -> list[str]:
    chosen, spend = data.chosen, data.spend
    reason = words.recorded(chosen["reason"])
    notes = [words.say("lifetime.note_reason", reason=reason)] if reason else []
    if spend is not None:
        correlation = words.decimal(spend["value_frequency_correlation"])
        notes.append(words.say(f"lifetime.spend_{spend['model_name']}", correlation=correlation))
    margin = _margin(data, words)
    rate, discount = words.percent(chosen["margin_rate"]), words.percent(chosen["annual_discount_rate"])
    notes.append(words.say("lifetime.note_money", rate=rate, origin=margin, discount=discount))
    if chosen["model_name"] == "bg_nbd":
        notes.append(words.say("lifetime.note_bg_nbd"))
    if chosen["is_frozen"]:
        notes.append(words.say("lifetime.note_frozen"))
    if data.segments:
        notes.append(words.say("lifetime.note_segments", segments=words.count(data.segments)))
    return notes


def _margin(data: LifetimeData, words: Wording) -> str:
    """Where the margin rate comes from; what rests on an estimated cost is not called measured."""
    origin, cost = data.chosen["margin_rate_origin"], data.cost
    if origin == "measured" and cost["estimated"]:
        share = words.percent(cost["estimated"] / cost["orders"])
        return words.say("lifetime.margin_estimated", share=share)
    return words.say(f"lifetime.margin_{origin}")


CHAPTER = Chapter(70, lambda reader, words, _: build(read(reader), words))
