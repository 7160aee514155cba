with needs as (

    select * from {{ ref('feat_customer_needs') }}

),

everybody as (

    select
        need,
        mentions,
        texts
    from {{ ref('needs_by_segment') }}
    where
        segmentation = 'all'

),

final as (

    select
        cast(needs.customer_id as varchar) as customer_id,
        cast(needs.need as varchar) as need,
        cast(needs.texts as bigint) as texts,
        cast(needs.mentions as bigint) as mentions,
        cast(needs.problem_mentions as bigint) as problem_mentions,
        cast({{ ratio('needs.mentions', 'needs.texts') }} as double precision) as share,
        cast(
            {{ ratio(ratio('needs.mentions', 'needs.texts'), ratio('everybody.mentions', 'everybody.texts')) }}
            as double precision
        ) as index_to_all,
        cast(needs.is_main as boolean) as is_main,
        cast(needs.first_date as date) as first_date,
        cast(needs.last_date as date) as last_date,
        {{ as_of_date() }} as as_of_date
    from needs
    inner join everybody
        on needs.need = everybody.need

)

select * from final
