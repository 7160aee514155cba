"""What to offer: what earlier recommendations were worth, what is recommended now, what goes together, who buys what."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.report.blocks import Chart, Section
from kehu.report.chapters import Chapter
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.offers_categories import SEGMENTATIONS, categories_chart
from kehu.report.sections.offers_charts import kinds_chart, pairs_chart, products_table, record_chart
from kehu.report.sections.segments import Labels, read_labels
from kehu.report.wording import Wording

SHOWN_PAIRS = 10
SHOWN_PRODUCTS = 20
_TABLES = (
    "recommendation_record",
    "customer_recommendations",
    "product_associations",
    "segment_category",
    "product_performance",
    "dim_products",
)

_RECORD = """
select record.kind, record.recommendations, record.customers, record.hits, record.hit_rate_at_10,
    record.customers_hit_share, record.popular_hit_rate_at_10, record.recommended_on, record.as_of_date
from analytics.recommendation_record as record
order by record.hit_rate_at_10 desc nulls last, record.kind
"""
_NOW = """
select offers.kind, count(*) as recommendations, count(distinct offers.customer_id) as customers,
    sum(offers.expected_margin) as expected_margin
from analytics.customer_recommendations as offers
group by offers.kind
order by count(*) desc, offers.kind
"""
_REACHED = "select count(distinct offers.customer_id) as customers from analytics.customer_recommendations as offers"
_PAIRS = f"""
select pairs.item_id_a, pairs.item_id_b, first.product_name as name_a, second.product_name as name_b, pairs.n_ab, pairs.n_a,
    pairs.n_b, pairs.baskets, pairs.lift, pairs.score
from analytics.product_associations as pairs
left join analytics.dim_products as first on first.product_id = pairs.item_id_a
left join analytics.dim_products as second on second.product_id = pairs.item_id_b
where pairs.level = 'product' and pairs.is_notable
order by pairs.score desc, pairs.item_id_a, pairs.item_id_b
limit {SHOWN_PAIRS}
"""
_CATEGORIES = """
select cells.segmentation, cells.segment, cells.category_path, cells.buyers, cells.category_revenue,
    cells.share_of_segment, cells.index_to_all
from analytics.segment_category as cells
where cells.segmentation in ('demographic', 'value_tier')
order by cells.segmentation, cells.segment, cells.category_path
"""
_PRODUCTS = f"""
select sold.product_id, products.product_name, sold.buyers, sold.goods_revenue, sold.goods_margin, sold.return_rate,
    sold.repeat_buyer_share, sold.attach_rate
from analytics.product_performance as sold
left join analytics.dim_products as products on products.product_id = sold.product_id
where sold.window_days = 90 and sold.order_count > 0
order by sold.goods_revenue desc, sold.product_id
limit {SHOWN_PRODUCTS}
"""


@dataclass(frozen=True)
class OffersData:
    """The record by kind, recommendations by kind now, the best pairs, segments by category, the best products."""

    record: list[Row]
    now: list[Row]
    reached: int
    pairs: list[Row]
    categories: list[Row]
    products: list[Row]
    labels: Labels

    @property
    def whole(self) -> Row | None:
        """The record of all recommendations together, where there were any."""
        return next((row for row in self.record if row["kind"] == "all" and row["recommendations"]), None)


def read(reader: ReleaseReader) -> OffersData:
    """What the release says of offers; one from before there were any says nothing."""
    if not reader.has(*_TABLES):
        return OffersData([], [], 0, [], [], [], Labels({}))
    return OffersData(
        record=reader.rows(_RECORD),
        now=reader.rows(_NOW),
        reached=reader.row(_REACHED)["customers"],
        pairs=reader.rows(_PAIRS),
        categories=reader.rows(_CATEGORIES),
        products=reader.rows(_PRODUCTS),
        labels=read_labels(reader, *SEGMENTATIONS),
    )


def build(data: OffersData, words: Wording) -> Section:
    """The chapter, or what to deliver for it."""
    name = words.say("offers.name")
    if not data.now and not data.pairs and not data.products:
        return Section("offers", name, missing=words.say("offers.missing"))
    charts: list[Chart] = []
    if data.whole is not None:
        charts.append(record_chart(data.record, words))
    if data.now:
        charts.append(kinds_chart(data.now, data.reached, words))
    if data.pairs:
        charts.append(pairs_chart(data.pairs, words))
    for segmentation in SEGMENTATIONS:
        rows = [row for row in data.categories if row["segmentation"] == segmentation]
        if chart := categories_chart(rows, data.labels, words):
            charts.append(chart)
    return Section(
        "offers",
        name,
        _headline(data, words),
        words.say("offers.lead"),
        charts=tuple(charts),
        details=(products_table(data.products, words),) if data.products else (),
        notes=tuple(_notes(data, words)),
    )


def _headline(data: OffersData, words: Wording) -> str:
    """What earlier recommendations were worth, else how many there are now."""
    whole = data.whole
    if whole is not None:
        hit, popular = whole["hit_rate_at_10"], whole["popular_hit_rate_at_10"]
        is_better = popular is not None and hit > popular
        return words.say(
            "offers.headline" if is_better else "offers.headline_no_better",
            hit=words.percent(hit),
            popular=words.percent(popular),
            day=words.day(whole["recommended_on"]),
        )
    if data.now:
        return words.say("offers.headline_now", customers=words.counted("customers", data.reached))
    return words.say("offers.headline_products")


def _notes(data: OffersData, words: Wording) -> list[str]:
    notes = []
    if data.whole is None:
        notes.append(words.say("offers.note_unjudged"))
    if not data.pairs:
        notes.append(words.say("offers.note_no_pairs"))
    notes.append(words.say("offers.note_never"))
    return notes


CHAPTER = Chapter(76, lambda reader, words, _: build(read(reader), words))
