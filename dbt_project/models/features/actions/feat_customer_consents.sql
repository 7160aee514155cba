{%- set channels = ['email', 'sms', 'phone'] %}

with known as (

    select * from {{ ref('feat_customers_known') }}

),

delivered as (

    select * from {{ ref('core_customers') }}

),

reached as (

    select * from {{ ref('feat_customer_contacts') }}

),

contacts as (

    select * from {{ ref('feat_campaign_arms') }}
    where customer_id is not null

),

campaigns as (

    select * from {{ ref('feat_campaigns') }}

),

of_campaigns as (

    select
        contacts.customer_id,
        {{ contact_channel('campaigns.channel') }} as channel,
        {{ business_date('contacts.unsubscribed_at') }} as unsubscribed_date,
        contacts.arm = 'control'
        and coalesce(
            campaigns.end_date >= {{ as_of_date() }},
            {{ days_between('contacts.start_date', as_of_date()) }} <= {{ var('response_days') }}
        ) as is_held_back
    from contacts
    left join campaigns
        on contacts.campaign_id = campaigns.campaign_id

),

campaign_flags as (

    select
        customer_id,
        max(case when is_held_back then 1 else 0 end) as is_held_back,
        {%- for channel in channels %}
        max(case when coalesce(channel, '{{ channel }}') = '{{ channel }}' then unsubscribed_date end)
            as unsubscribed_{{ channel }},
        {%- endfor %}
        max(unsubscribed_date) as unsubscribed_other
    from of_campaigns
    group by customer_id

),

-- nothing that was delivered counts before the day on which the record was made
said as (

    select
        known.customer_id,
        known.country,
        {{ contact_channel('reached.preferred_channel') }} as preferred_channel,
        reached.last_contact_date,
        delivered.marketing_consent,
        delivered.email_consent,
        delivered.sms_consent,
        delivered.phone_consent,
        cast(null as boolean) as other_consent,
        delivered.birth_date,
        {{ business_date('delivered.consent_updated_at') }} as consent_date,
        -- whom an erasure has left as a number is spoken to by nobody
        known.customer_id like '%:erased-%' or known.customer_id like '%@erased.invalid' as is_erased
    from known
    left join delivered
        on
            known.customer_id = delivered.customer_id
            and not known.is_inferred
    left join reached
        on known.customer_id = reached.customer_id

),

-- a channel may be used where it was agreed to, or everything was; a later goodbye ends that, and so does a general no
agreed as (

    select
        said.*,
        {%- for channel in channels + ['other'] %}
        coalesce(
            coalesce(said.{{ channel }}_consent, said.marketing_consent)
            and coalesce(said.marketing_consent, true)
            and coalesce(
                campaign_flags.unsubscribed_{{ channel }} < said.consent_date,
                campaign_flags.unsubscribed_{{ channel }} is null
            ),
            false
        ) as may_{{ channel }},
        {%- endfor %}
        coalesce(campaign_flags.is_held_back, 0) = 1 as is_held_back
    from said
    left join campaign_flags
        on said.customer_id = campaign_flags.customer_id

),

final as (

    select
        customer_id,
        country,
        preferred_channel,
        -- the preferred channel if it may be used, else the first one that may
        case
            when preferred_channel = 'email' and may_email then 'email'
            when preferred_channel = 'sms' and may_sms then 'sms'
            when preferred_channel = 'phone' and may_phone then 'phone'
            when preferred_channel not in ('email', 'sms', 'phone') and may_other then preferred_channel
            when may_email then 'email'
            when may_sms then 'sms'
            when may_phone then 'phone'
        end as marketing_channel,
        {{ is_drawn_to_hold_out('customer_id') }} as is_drawn_to_hold_out,
        is_held_back,
        is_erased,
        birth_date,
        last_contact_date
    from agreed

)

select * from final
