"""Whether campaigns worked: the difference to those held back, with its interval; without such an arm only who responded."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.report.blocks import Chart, Section
from kehu.report.chapters import Chapter
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.campaigns_charts import campaigns_table, rates_chart, segments_chart, uplift_chart
from kehu.report.sections.segments import Labels, read_labels
from kehu.report.wording import Wording

SHOWN = 12
SEGMENTATION = "value_tier"
"""Whose segments are told apart for the latest campaign that can be judged."""

_CAMPAIGNS = """
select summary.campaign_id, campaigns.campaign_name, campaigns.channel,
    coalesce(campaigns.start_date, campaigns.first_contact_date) as start_date, summary.treated, summary.held_out,
    summary.in_both_arms, summary.not_judged, summary.controls_reached, summary.redeemed, summary.unsubscribed,
    summary.coupon_redemption_rate, summary.uplift, summary.uplift_low, summary.uplift_high, summary.incremental_margin,
    summary.cost, summary.roi, summary.is_overlap_uneven, summary.is_split_uneven, summary.is_significant, summary.is_thin,
    whole.contacted, whole.controls, whole.responded, whole.response_rate, whole.control_rate
from analytics.campaign_summary as summary
left join analytics.dim_campaigns as campaigns on campaigns.campaign_id = summary.campaign_id
left join analytics.campaign_response as whole
    on whole.campaign_id = summary.campaign_id and whole.segmentation = 'all'
order by coalesce(campaigns.start_date, campaigns.first_contact_date) desc nulls last, summary.campaign_id
"""
_SEGMENTS = f"""
select responses.campaign_id, responses.segment, responses.contacted, responses.controls, responses.response_rate,
    responses.control_rate, responses.uplift, responses.uplift_low, responses.uplift_high, responses.adjusted_p_value,
    responses.is_significant, responses.is_thin
from analytics.campaign_response as responses
where responses.segmentation = '{SEGMENTATION}' and responses.uplift is not null
order by responses.uplift desc, responses.segment
"""


@dataclass(frozen=True)
class CampaignsData:
    """Campaigns, the latest first, and how the segments of each responded."""

    campaigns: list[Row]
    segments: list[Row]
    labels: Labels

    @property
    def compared(self) -> list[Row]:
        """Those with an arm held back and an ended window."""
        return [row for row in self.campaigns if row["uplift"] is not None]

    @property
    def judged(self) -> list[Row]:
        """Those of which somebody's window has ended."""
        return [row for row in self.campaigns if row["contacted"]]


def read(reader: ReleaseReader) -> CampaignsData:
    """What the release says of campaigns; one from before there were any says nothing."""
    if not reader.has("campaign_summary", "campaign_response", "dim_campaigns"):
        return CampaignsData([], [], Labels({}))
    labels = read_labels(reader, SEGMENTATION)
    return CampaignsData(reader.rows(_CAMPAIGNS), reader.rows(_SEGMENTS), labels)


def build(data: CampaignsData, words: Wording) -> Section:
    """The chapter, or what to deliver for it."""
    name = words.say("campaigns.name")
    if not data.campaigns:
        return Section("campaigns", name, missing=words.say("campaigns.missing"))
    charts: list[Chart] = []
    if data.compared:
        charts.append(uplift_chart(data.compared[:SHOWN], words))
        latest = [row for row in data.segments if row["campaign_id"] == data.compared[0]["campaign_id"]]
        if latest:
            charts.append(segments_chart(latest, data.compared[0], data.labels, words))
    if data.judged:
        charts.append(rates_chart(data.judged[:SHOWN], words))
    return Section(
        "campaigns",
        name,
        _headline(data, words),
        words.say("campaigns.lead"),
        charts=tuple(charts),
        details=(campaigns_table(data.campaigns, words),),
        notes=tuple(_notes(data, words)),
    )


def _headline(data: CampaignsData, words: Wording) -> str:
    """How many of those that can be judged worked."""
    if data.compared:
        worked = [row for row in data.compared if row["is_significant"] and row["uplift"] > 0]
        campaigns = words.counted("campaigns_with_control", len(data.compared))
        return words.say("campaigns.headline", worked=words.count(len(worked)), campaigns=campaigns)
    if data.judged:
        return words.say("campaigns.headline_no_control", campaigns=words.counted("campaigns", len(data.judged)))
    return words.say("campaigns.headline_running", campaigns=words.counted("campaigns", len(data.campaigns)))


def _notes(data: CampaignsData, words: Wording) -> list[str]:
    """What keeps the figures from being relied on, by campaign."""
    flags = (
        ("thin", [row for row in data.compared if row["is_thin"]]),
        ("split", [row for row in data.compared if row["is_split_uneven"]]),
        ("overlap", [row for row in data.compared if row["is_overlap_uneven"]]),
        ("reached", [row for row in data.compared if row["controls_reached"]]),
        ("both", [row for row in data.campaigns if row["in_both_arms"]]),
        ("running", [row for row in data.campaigns if row["not_judged"]]),
    )
    notes = [
        words.say(f"campaigns.notes.{flag}", campaigns=words.counted("campaigns", len(rows)))
        for flag, rows in flags
        if rows
    ]
    without = [row for row in data.judged if row["uplift"] is None]
    if without:
        notes.insert(0, words.say("campaigns.notes.without", campaigns=words.counted("campaigns", len(without))))
    return notes


CHAPTER = Chapter(78, lambda reader, words, _: build(read(reader), words))
