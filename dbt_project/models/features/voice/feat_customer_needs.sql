with known as (

    select * from {{ ref('feat_customers_known') }}

),

texts as (

    select
        feat_texts.kind,
        feat_texts.event_id,
        feat_texts.customer_id,
        feat_texts.written_date
    from {{ ref('feat_texts') }} as feat_texts
    inner join known
        on feat_texts.customer_id = known.customer_id

),

text_needs as (

    select * from {{ ref('feat_text_needs') }}

),

written as (

    select
        customer_id,
        count(*) as texts
    from texts
    group by customer_id

),

mentioned as (

    select
        texts.customer_id,
        text_needs.need,
        count(*) as mentions,
        sum(case when text_needs.is_problem then 1 else 0 end) as problem_mentions,
        min(texts.written_date) as first_date,
        max(texts.written_date) as last_date
    from texts
    inner join text_needs
        on
            texts.kind = text_needs.kind
            and texts.event_id = text_needs.event_id
    group by texts.customer_id, text_needs.need

),

-- most often, then most recently, then by alphabet
final as (

    select
        mentioned.customer_id,
        mentioned.need,
        written.texts,
        mentioned.mentions,
        mentioned.problem_mentions,
        row_number() over (
            partition by mentioned.customer_id
            order by mentioned.mentions desc, mentioned.last_date desc, mentioned.need asc
        ) = 1 as is_main,
        mentioned.first_date,
        mentioned.last_date
    from mentioned
    inner join written
        on mentioned.customer_id = written.customer_id

)

select * from final
