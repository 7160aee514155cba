-- The marts of the invented release, from its orders; $as_of is replaced by the day of the release.

insert into analytics.customer_rfm
with measures as (
    select customer_id, $as_of - max(order_date) as recency, count(*) as frequency, sum(net_revenue) as monetary
    from analytics.fct_orders where is_valid and customer_id is not null group by customer_id
), cuts as (
    select quantile_cont(recency::double, [.2, .4, .6, .8]) as r, quantile_cont(frequency::double, [.2, .4, .6, .8]) as f,
        quantile_cont(monetary::double, [.2, .4, .6, .8]) as m from measures
), scores as (
    select measures.*, 5 - len(list_filter(r, lambda c: c < recency)) as r_score,
        1 + len(list_filter(f, lambda c: c < frequency)) as f_score, 1 + len(list_filter(m, lambda c: c < monetary)) as m_score
    from measures cross join cuts
)
select customer_id, recency, frequency, monetary, r_score, f_score, m_score, concat(r_score, f_score, m_score),
    case when r_score = 5 and f_score >= 4 then 'champions' when r_score >= 3 and f_score >= 4 then 'loyal'
        when r_score >= 4 and f_score >= 2 then 'potential_loyalist' when r_score = 5 then 'new' when r_score = 4 then 'promising'
        when r_score = 3 and f_score = 3 then 'need_attention' when r_score = 3 then 'about_to_sleep'
        when f_score = 5 then 'cant_lose' when f_score >= 3 then 'at_risk' else 'hibernating' end, $as_of
from scores;

insert into analytics.dim_customers
with everybody as (
    select customer_id, count(*) filter (where is_valid) as orders, sum(gross_revenue) as gross, sum(discounts) as discounts,
        sum(refunds) as refunds, sum(net_revenue) as net, sum(gross_margin) as margin,
        min(order_date) filter (where is_valid) as first_date, max(order_date) filter (where is_valid) as last_date
    from analytics.fct_orders where customer_id is not null group by customer_id
    union all select concat('crm:', number), 0, 0, 0, 0, 0, 0, null, null from range(35) as prospects(number)
), ranked as (
    select *, sum(greatest(net, 0)) over (order by net desc, customer_id) - greatest(net, 0) as before,
        sum(greatest(net, 0)) over () as total from everybody
)
select ranked.customer_id, orders, gross, discounts, refunds, net, margin, coalesce(rfm.rfm_segment, 'unknown'),
    case when orders = 0 then 'unknown' when net <= 0 then 'low' when before < total * .8 then 'high'
        when before < total * .95 then 'medium' else 'low' end,
    case when orders = 0 then 'prospect' when $as_of - last_date > 180 then 'churned' when $as_of - first_date <= 60 then 'new'
        when $as_of - last_date > 60 then 'at_risk' when orders >= 8 then 'loyal' when orders = 3 then 'reactivated'
        else 'active' end, null, $as_of
from ranked left join analytics.customer_rfm as rfm on rfm.customer_id = ranked.customer_id;

insert into analytics.segment_summary
with long as (
    select * from (
        select customer_id, order_count, net_revenue, margin, gross_revenue - discounts as sold,
            unnest(['rfm', 'value_tier', 'lifecycle']) as segmentation,
            unnest([rfm_segment, value_tier, lifecycle_stage]) as segment
        from analytics.dim_customers
    )
)
select segmentation, segment, segment, segment, count(*), count(*) / sum(count(*)) over (partition by segmentation),
    sum(net_revenue), sum(net_revenue) / sum(sum(net_revenue)) over (partition by segmentation), sum(margin),
    sum(sold) / nullif(sum(order_count), 0), null, null, null, $as_of
from long group by segmentation, segment;

insert into analytics.cohort_retention
with firsts as (
    select customer_id, date_trunc('month', min(order_date))::date as cohort_month
    from analytics.fct_orders where is_valid and customer_id is not null group by customer_id
), sizes as (select cohort_month, count(*) as size from firsts group by cohort_month), ages as (
    select cohort_month, size, age, (cohort_month + to_months(age::integer))::date as month
    from sizes cross join range(0, 30) as ages(age) where cohort_month + to_months(age::integer) <= $as_of
)
select ages.cohort_month, ages.age, any_value(size), count(distinct orders.customer_id), count(distinct orders.customer_id) / any_value(size),
    coalesce(sum(orders.net_revenue), 0), null, last_day(ages.month) <= $as_of, $as_of
from ages left join firsts on firsts.cohort_month = ages.cohort_month
left join analytics.fct_orders as orders on orders.customer_id = firsts.customer_id and orders.is_valid
    and date_trunc('month', orders.order_date) = ages.month
group by ages.cohort_month, ages.age, ages.month;

insert into analytics.revenue_concentration
with ranked as (
    select greatest(net_revenue, 0) as revenue, row_number() over (order by net_revenue desc, customer_id) as place,
        sum(greatest(net_revenue, 0)) over (order by net_revenue desc, customer_id) as running
    from analytics.dim_customers where order_count > 0
), totals as (
    select count(*) as buyers, sum(revenue) as total,
        2 * sum(((select count(*) from ranked) - place + 1) * revenue) / (count(*) * sum(revenue)) - (count(*) + 1) / count(*) as gini,
        sum(revenue) filter (where place <= ((select count(*) from ranked) + 4) // 5) / sum(revenue) as top_20_share
    from ranked
)
select percentile, (percentile * buyers + 99) // 100, coalesce(running, 0), coalesce(running, 0) / total, gini, top_20_share, $as_of
from range(0, 101) as percentiles(percentile) cross join totals left join ranked on place = (percentile * buyers + 99) // 100;

insert into analytics.kpi_monthly
with orders as (select *, date_trunc('month', order_date)::date as month from analytics.fct_orders),
buyers as (select distinct month, customer_id from orders where is_valid and customer_id is not null),
firsts as (select customer_id, min(month) as month from buyers group by customer_id),
shares as (
    select month, sum(net) filter (where place <= (buyers + 4) // 5) / sum(net) as top_20_share from (
        select month, greatest(sum(net_revenue), 0) as net, count(*) over (partition by month) as buyers,
            row_number() over (partition by month order by sum(net_revenue) desc, customer_id) as place
        from orders where is_valid and customer_id is not null group by month, customer_id
    ) group by month
),
months as (
    select month, sum(net_revenue) as revenue, sum(gross_margin) as margin, count(*) filter (where is_valid) as orders,
        count(*) filter (where is_valid and customer_id is null) as guest_orders,
        count(distinct customer_id) filter (where is_valid) as active, sum(gross_revenue - discounts) as sold
    from orders group by month
),
flows as (
    select months.*, (select count(*) from firsts where firsts.month = months.month) as new,
        (select count(*) from firsts where firsts.month <= months.month) as customers,
        (select count(*) from buyers join buyers as before on before.customer_id = buyers.customer_id
            and before.month = buyers.month - interval 1 month where buyers.month = months.month) as back,
        lag(active) over (order by month) as active_before,
        (select count(*) from (select customer_id from orders as o where is_valid and customer_id is not null and o.month <= months.month
            group by customer_id having count(*) >= 2)) as repeaters
    from months
)
select flows.month, revenue, margin, customers, active, new, back, back / nullif(active_before, 0), repeaters / nullif(customers, 0),
    sold / nullif(orders, 0), orders / nullif(active, 0), null, null, null, null, null, null, null, null, null, top_20_share,
    last_day(flows.month) <= $as_of, $as_of, guest_orders
from flows join shares on shares.month = flows.month;

insert into analytics.customer_lifetime_value
select customer_id, 'A', round(net_revenue * 0.3, 2), $as_of from analytics.dim_customers where order_count > 0;

insert into analytics.clv_model_quality
select 'all', model_name, kind, grade, reason, null, at_bound, 'population_mean', 'measured', 31, 52, loglik, mae, rmse, total,
    1.5, correlation, 0.38, 0.1, converged, trusted, chosen, false
from (values
    ('mbg_nbd', 'model', 'A', 'it beat population_mean', null, -3210.5, 0.61, 1.2, -0.04, null, true, true, true),
    ('bg_nbd', 'model', null, 'at a bound', 'a,b', -3211.5, 0.62, 1.25, 0.2, null, true, false, false),
    ('pareto_nbd', 'model', null, 'no convergence', null, -3212.5, 0.63, 1.26, 0.1, null, false, false, false),
    ('nbd', 'model', null, 'trustworthy', null, -3300.5, 0.9, 1.4, 0.5, null, true, true, false),
    ('population_mean', 'baseline', null, 'a baseline', null, null, 0.8, 1.5, 0.3, null, null, true, false),
    ('naive_rate', 'baseline', null, 'a baseline', null, null, 0.9, 1.9, 0.6, null, null, true, false),
    ('same_as_calibration', 'baseline', null, 'a baseline', null, null, 0.7, 1.6, 0.1, null, null, true, false),
    ('zero', 'baseline', null, 'a baseline', null, null, 0.7, 1.7, -1.0, null, null, true, false),
    ('gamma_gamma', 'spend', null, 'holds', null, -900.5, null, null, null, 0.12, true, true, true)
) v(model_name, kind, grade, reason, at_bound, loglik, mae, rmse, total, correlation, converged, trusted, chosen);

insert into analytics.clv_tracking
select 'all', 'mbg_nbd', week, week > 31, 40, 38.5, 40 * week, 38.5 * week, $as_of from range(1, 64) as weeks(week);

insert into analytics.clv_calibration
select 'all', case when number = 7 then '7+' else number::varchar end, number, 300 // (number + 1), 0.25 + number * 0.5,
    0.2 + number * 0.52, $as_of
from range(0, 8) as numbers(number);

insert into analytics.clv_gains
select 'all', decile, 64, 110 - 10 * decile, 105 - 9 * decile, (110 - 10 * decile) / 550,
    (110 * decile - 5 * decile * (decile + 1)) / 550, $as_of
from range(1, 11) as deciles(decile);
-- Who was in which stage at each month end, by rules simpler than the real ones.
create temporary table invented_stages as
with orders as (select customer_id, order_date from analytics.fct_orders where is_valid and customer_id is not null),
ends as (
    select distinct date_trunc('month', order_date)::date as month, least(last_day(order_date), $as_of) as day
    from analytics.fct_orders
),
lives as (
    select ends.month, ends.day, customer_id, min(order_date) as first_date, max(order_date) as last_date, count(*) as orders
    from ends join orders on orders.order_date <= ends.day group by all
)
select month, customer_id, case when day - last_date > 120 then 'churned' when day - first_date <= 60 then 'new'
    when day - last_date > 60 then 'at_risk' when orders >= 8 then 'loyal' else 'active' end as stage
from lives;

create temporary table invented_moves as
select stages.month, stages.customer_id, coalesce(before.stage, 'entered') as from_stage, stages.stage as to_stage
from invented_stages as stages left join invented_stages as before
    on before.customer_id = stages.customer_id and before.month = stages.month - interval 1 month;

insert into analytics.lifecycle_transitions
select month, from_stage, to_stage, count(*),
    case when from_stage <> 'entered' then count(*) / sum(count(*)) over (partition by month, from_stage) end,
    last_day(month) <= $as_of, $as_of
from invented_moves group by month, from_stage, to_stage;

insert into analytics.customer_ledger
with net as (
    select date_trunc('month', order_date)::date as month, customer_id, sum(net_revenue) as net
    from analytics.fct_orders where customer_id is not null group by all
), moves as (
    select moves.*, coalesce(net.net, 0) as net, from_stage not in ('entered', 'churned') as opened, to_stage <> 'churned' as closed
    from invented_moves as moves left join net using (month, customer_id)
)
select month, 'all', 'all', count(*) filter (opened), count(*) filter (from_stage = 'entered' and closed),
    count(*) filter (from_stage = 'churned' and closed), 0, count(*) filter (opened and not closed), 0, count(*) filter (closed),
    coalesce(sum(net) filter (opened and closed), 0), coalesce(sum(net) filter (from_stage = 'entered' and closed), 0),
    coalesce(sum(net) filter (from_stage = 'churned' and closed), 0), 0,
    coalesce(sum(net) filter (opened and not closed), 0), sum(net) filter (opened or closed), last_day(month) <= $as_of, $as_of
from moves group by month;

drop table invented_moves;
drop table invented_stages;


insert into analytics.personas
with placed as (
    select *, case when order_count = 0 then 'unknown' when order_count >= 4 then 'p1' else 'p2' end as persona
    from analytics.dim_customers
)
select persona, case persona when 'p1' then 'Buy often' when 'p2' then 'Buy seldom' else 'Unknown' end,
    case persona when 'p1' then '购买频繁' when 'p2' then '购买较少' else '未知' end, null, null,
    case when persona = 'unknown' then 'no valid order' end, case when persona = 'unknown' then '没有有效订单' end,
    case persona when 'p1' then 1 when 'p2' then 2 else 3 end, count(*), count(*) / sum(count(*)) over (),
    sum(net_revenue), sum(net_revenue) / sum(sum(net_revenue)) over (), $as_of
from placed group by persona;

insert into analytics.persona_traits values
    ('p1', 'purchase_days', 'Purchase days', '购买天数', 1, 9.25, 4.5, $as_of),
    ('p1', 'discounted_share', 'Share of orders at a discount', '折扣订单占比', 2, 0.125, 0.25, $as_of),
    ('p1', 'gap_days', 'Days between purchases', '购买间隔天数', null, 20, 30, $as_of),
    ('p2', 'order_value', 'Value per order', '客单价', 1, 30.5, 40.25, $as_of),
    ('unknown', 'order_value', 'Value per order', '客单价', null, null, 40.25, $as_of);

-- every third customer has written something, by the number in the id; what they speak of leans on their stage
insert into analytics.segment_summary (segmentation, segment, customers, as_of_date)
select 'need', unnest(['price', 'quality', 'delivery', 'service', 'product_range', 'customisation']), 1, $as_of;

insert into analytics.needs_by_segment
with written as (
    select customer_id, lifecycle_stage, value_tier, cast(substr(customer_id, position(':' in customer_id) + 1) as integer) as number
    from analytics.dim_customers
), heard as (
    select customer_id, number, unnest(['all', 'lifecycle', 'value_tier']) as segmentation,
        unnest(['all', lifecycle_stage, value_tier]) as segment, lifecycle_stage
    from written where number % 3 = 0
), sized as (
    select segmentation, segment, count(*) as customers from heard group by segmentation, segment
), needs as (
    select unnest(['price', 'quality', 'delivery', 'service', 'product_range', 'customisation']) as need, unnest(range(2, 8)) as every
), mentioned as (
    select segmentation, segment, need, count(*) as customers
    from heard cross join needs
    where (number // 3) % every = 0 or (need = 'delivery' and lifecycle_stage = 'churned' and number % 2 = 0)
    group by segmentation, segment, need
), counted as (
    select sized.segmentation, sized.segment, needs.need, sized.customers as n, coalesce(mentioned.customers, 0) as with_need
    from sized cross join needs
    left join mentioned on mentioned.segmentation = sized.segmentation and mentioned.segment = sized.segment
        and mentioned.need = needs.need
)
select segmentation, segment, need, 3 * n, n, with_need, 2 * n, with_need, with_need // 2,
    case when n >= 10 then with_need / n end,
    case when n >= 10 then with_need / n / max(with_need / n) filter (where segmentation = 'all') over (partition by need) end,
    n < 10, $as_of
from counted;

insert into analytics.needs_monthly
select need, mentions, 40, mentions, mentions // 3, mentions / 40, mentions / 40 / avg(mentions / 40) over (partition by need),
    month < date_trunc('month', $as_of), month, $as_of
from (
    select needs.need, months.month::date as month, 4 + (place * 5 + month(months.month) * 3) % 11 as mentions
    from (
        select unnest(['price', 'quality', 'delivery', 'service', 'product_range', 'customisation']) as need,
            unnest(range(1, 7)) as place
    ) as needs
    cross join generate_series(date '2023-01-01', date_trunc('month', $as_of), interval 1 month) as months(month)
);
