-- Detects: a cell of the 5 × 5 grid of recency and frequency scores with no segment or two, or outside of it.
-- Usual cause: an edit of the seed rfm_segments.
-- A row: a cell and how often it occurs.
{{ config(tags=['state']) }}

with scores as (

    {{ number_series(1, 5, 'score') }}

),

cells as (

    select
        recency.score as r_score,
        frequency.score as f_score
    from scores as recency
    cross join scores as frequency

),

seeded as (

    select
        r_score,
        f_score,
        count(*) as occurrences
    from {{ ref('rfm_segments') }}
    group by r_score, f_score

),

final as (

    select
        coalesce(cells.r_score, seeded.r_score) as r_score,
        coalesce(cells.f_score, seeded.f_score) as f_score,
        coalesce(seeded.occurrences, 0) as occurrences
    from cells
    full outer join seeded
        on
            cells.r_score = seeded.r_score
            and cells.f_score = seeded.f_score
    where
        cells.r_score is null
        or seeded.occurrences is null
        or seeded.occurrences <> 1

)

select * from final
