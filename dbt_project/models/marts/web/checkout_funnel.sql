with sessions as (

    select * from {{ ref('web_sessions') }}

),

counted as (

    select
        {{ month_start('session_date') }} as month,
        entry_source,
        count(*) as sessions,
        sum(case when has_product then 1 else 0 end) as product_sessions,
        sum(case when has_cart then 1 else 0 end) as cart_sessions,
        sum(case when has_checkout then 1 else 0 end) as checkout_sessions,
        sum(case when has_purchase then 1 else 0 end) as purchase_sessions,
        sum(case when has_checkout and has_purchase then 1 else 0 end) as completed_checkouts
    from sessions
    group by {{ month_start('session_date') }}, entry_source

),

final as (

    select
        cast(entry_source as varchar) as entry_source,
        cast(sessions as bigint) as sessions,
        cast(product_sessions as bigint) as product_sessions,
        cast(cart_sessions as bigint) as cart_sessions,
        cast(checkout_sessions as bigint) as checkout_sessions,
        cast(purchase_sessions as bigint) as purchase_sessions,
        cast(completed_checkouts as bigint) as completed_checkouts,
        cast({{ ratio('completed_checkouts', 'checkout_sessions') }} as double precision) as checkout_rate,
        cast({{ ratio('purchase_sessions', 'sessions') }} as double precision) as purchase_rate,
        cast(month as date) as month,
        {{ as_of_date() }} as as_of_date
    from counted

)

select * from final
