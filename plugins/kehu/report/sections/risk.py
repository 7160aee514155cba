"""Who may leave: first what earlier flags were worth, then who is at risk, and why."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.report.blocks import Chart, Section
from kehu.report.chapters import Chapter
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.risk_reasons import cells_chart, coefficients_chart, reasons_chart
from kehu.report.sections.risk_record import calibration_chart, candidates_table, flags_chart
from kehu.report.sections.risk_who import SEGMENTATIONS, who_chart
from kehu.report.sections.segments import Labels, read_labels
from kehu.report.wording import Wording

REASONS = ("overdue", "complaints", "dissatisfied", "buying_less")
_TABLES = (
    "customer_churn_risk",
    "churn_risk_record",
    "churn_risk_calibration",
    "churn_risk_coefficients",
    "churn_risk_table",
)

_RECORD = "select record.* from analytics.churn_risk_record as record order by record.sort_order"
_CALIBRATION = """
select tenths.tenth, tenths.customers, tenths.mean_probability, tenths.left_rate, tenths.lift
from analytics.churn_risk_calibration as tenths
where tenths.is_judged
order by tenths.tenth
"""
_COEFFICIENTS = """
select weights.feature, weights.label_en, weights.label_zh, weights.coefficient, weights.mean_value, weights.deviation
from analytics.churn_risk_coefficients as weights
where weights.is_used and weights.feature <> 'intercept'
order by abs(weights.coefficient) desc, weights.feature
"""
_CELLS = """
select cells.frequency_band, cells.overdue_band, cells.purchase_days_label, cells.overdue_label, cells.customers,
    cells.customers_left, cells.probability
from analytics.churn_risk_table as cells
where cells.is_used
order by cells.frequency_band, cells.overdue_band
"""
_WHO = """
select parts.segmentation, parts.segment, parts.risk_band, count(*) as customers, sum(parts.revenue_at_risk) as revenue_at_risk
from (
    select 'all' as segmentation, 'all' as segment, risks.risk_band, risks.revenue_at_risk
    from analytics.customer_churn_risk as risks
    union all
    select 'lifecycle', customers.lifecycle_stage, risks.risk_band, risks.revenue_at_risk
    from analytics.customer_churn_risk as risks
    inner join analytics.dim_customers as customers on customers.customer_id = risks.customer_id
    union all
    select 'value_tier', customers.value_tier, risks.risk_band, risks.revenue_at_risk
    from analytics.customer_churn_risk as risks
    inner join analytics.dim_customers as customers on customers.customer_id = risks.customer_id
) as parts
group by parts.segmentation, parts.segment, parts.risk_band
order by parts.segmentation, parts.segment, parts.risk_band
"""
_REASONS = f"""
select count(*) as customers,
    {", ".join(f"count(case when ',' || risks.reasons || ',' like '%,{one},%' then 1 end) as {one}" for one in REASONS)}
from analytics.customer_churn_risk as risks
where risks.risk_band = 'high'
"""


@dataclass(frozen=True)
class RiskData:
    """The record of the candidates, the tenths of the judged one, what the used one weighs, who is at risk, and why."""

    record: list[Row]
    calibration: list[Row]
    coefficients: list[Row]
    cells: list[Row]
    who: list[Row]
    reasons: Row
    labels: Labels

    def first(self, flag: str) -> Row | None:
        """The candidate with ``is_used`` or ``is_judged``."""
        return next((row for row in self.record if row[flag]), None)

    def in_band(self, band: str) -> Row:
        """Customers and money of everybody in a band."""
        nobody = {"customers": 0, "revenue_at_risk": 0}
        everybody = [row for row in self.who if row["segmentation"] == "all" and row["risk_band"] == band]
        return everybody[0] if everybody else nobody


def read(reader: ReleaseReader) -> RiskData:
    """What the release says of risk; one from before there was any says nothing."""
    if not reader.has(*_TABLES):
        return RiskData([], [], [], [], [], {}, Labels({}))
    return RiskData(
        record=reader.rows(_RECORD),
        calibration=reader.rows(_CALIBRATION),
        coefficients=reader.rows(_COEFFICIENTS),
        cells=reader.rows(_CELLS),
        who=reader.rows(_WHO),
        reasons=reader.row(_REASONS),
        labels=read_labels(reader, *SEGMENTATIONS),
    )


def build(data: RiskData, words: Wording) -> Section:
    """The chapter, or what is needed for it."""
    name = words.say("risk.name")
    if not data.record or not data.who:
        return Section("risk", name, missing=words.say("risk.missing"))
    used = data.first("is_used")
    if used is None or used["grade"] == "insufficient":
        return Section("risk", name, missing=words.say("risk.insufficient"))
    return Section(
        "risk",
        name,
        _headline(data, words),
        words.say(f"risk.lead_{str(used['grade']).lower()}", model=words.name("risk.models", used["candidate"])),
        charts=tuple(_charts(data, words)),
        details=(candidates_table(data.record, words),),
        notes=tuple(_notes(data, words)),
    )


def _charts(data: RiskData, words: Wording) -> list[Chart]:
    judged = data.first("is_judged")
    charts = []
    if judged is not None:
        charts.append(flags_chart(judged, words))
    if judged is not None and data.calibration:
        charts.append(calibration_chart(data.calibration, judged, words))
    for segmentation in SEGMENTATIONS:
        rows = [row for row in data.who if row["segmentation"] == segmentation]
        if rows:
            charts.append(who_chart(rows, data.labels, words))
    if data.reasons["customers"]:
        charts.append(reasons_chart(data.reasons, REASONS, words))
    if data.coefficients:
        charts.append(coefficients_chart(data.coefficients, words))
    if data.cells:
        charts.append(cells_chart(data.cells, words))
    return charts


def _headline(data: RiskData, words: Wording) -> str:
    """The record first: what became of those flagged one horizon ago."""
    judged, high = data.first("is_judged"), data.in_band("high")
    now = words.counted("customers", high["customers"])
    money = words.money(high["revenue_at_risk"])
    if judged is None:
        return words.say("risk.headline_unjudged", customers=now, money=money)
    figures = {
        "days": words.counted("days", judged["horizon_days"]),
        "base": words.percent(judged["base_rate"], 0),
        "customers": now,
        "money": money,
    }
    if judged["precision_high"] is None:
        return words.say("risk.headline_nobody_flagged", **figures)
    return words.say("risk.headline", precision=words.percent(judged["precision_high"], 0), **figures)


def _notes(data: RiskData, words: Wording) -> list[str]:
    notes = []
    judged = data.first("is_judged")
    if judged is not None:
        notes.append(
            words.say(
                "risk.note_record",
                model=words.name("risk.models", judged["candidate"]),
                customers=words.counted("customers", judged["customers"]),
                days=words.counted("days", judged["horizon_days"]),
                auc=words.decimal(judged["auc"], 3),
                error=words.percent(judged["calibration_error"]),
            )
        )
        if judged["lead_time_days"] is not None:
            lead = words.counted("days", round(judged["lead_time_days"]))
            notes.append(words.say("risk.note_lead_time", days=lead))
    notes.append(words.say("risk.note_outcome"))
    return notes


CHAPTER = Chapter(72, lambda reader, words, _: build(read(reader), words))
