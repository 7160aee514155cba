with invitations as (

    select
        *,
        {{ business_date('sent_at') }} as sent_date
    from {{ ref('int_survey_invitations_assign') }}
    where survey_type <> 'other'

),

excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

-- superseded answers too: who has answered twice has answered
answers as (

    select * from {{ ref('feat_survey_answers') }}
    where survey_type <> 'other'

),

answered_invitations as (

    select distinct invitation_id
    from answers
    where invitation_id is not null

),

answered_waves as (

    select distinct
        customer_id,
        survey_type,
        wave
    from answers
    where
        customer_id is not null
        and origin = 'survey'

),

known as (

    select
        invitations.invitation_id,
        invitations.customer_id,
        invitations.survey_type,
        coalesce(invitations.wave, substr(cast({{ month_start('invitations.sent_date') }} as varchar), 1, 7)) as wave,
        coalesce({{ business_date('invitations.bounced_at') }} <= {{ as_of_date() }}, false) as is_bounced,
        invitations.sent_date,
        coalesce(invitations.customer_id, 'invitation ' || invitations.invitation_id) as person
    from invitations
    left join excluded_customers
        on invitations.customer_id = excluded_customers.customer_id
    where
        invitations.sent_date <= {{ as_of_date() }}
        and excluded_customers.customer_id is null

),

final as (

    select
        known.*,
        answered_invitations.invitation_id is not null or answered_waves.customer_id is not null as has_answered
    from known
    left join answered_invitations
        on known.invitation_id = answered_invitations.invitation_id
    left join answered_waves
        on
            known.customer_id = answered_waves.customer_id
            and known.survey_type = answered_waves.survey_type
            and known.wave = answered_waves.wave

)

select * from final
