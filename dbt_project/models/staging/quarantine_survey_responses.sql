with quarantined as (

    select * from {{ ref('base_survey_responses') }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', 'survey_responses') }}

),

{{ quarantine_ctes([
    'response_id',
    'customer_id',
    'email',
    'phone',
    'survey_type',
    'score',
    'comment',
    'responded_at',
    'wave',
    'updated_at',
    'is_deleted',
]) }}

select * from final
