with survey_responses as (

    select * from {{ ref('stg_survey_responses') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

found as (

    select * from {{ ref('int_events_find_customer') }}
    where kind = 'response'

),

final as (

    select
        survey_responses.response_id,
        survey_responses.source_response_id,
        coalesce(merged.customer_id, survey_responses.customer_id, found.customer_id) as customer_id,
        survey_responses.customer_id as record_id,
        case
            when survey_responses.customer_id is not null then 'customer_id'
            else coalesce(found.assigned_by, 'none')
        end as assigned_by,
        survey_responses.survey_type,
        survey_responses.comment,
        survey_responses.wave,
        survey_responses.score,
        survey_responses.is_deleted,
        survey_responses.responded_at,
        survey_responses.updated_at,
        survey_responses._source,
        survey_responses._file,
        survey_responses._batch_id,
        survey_responses._row_number,
        survey_responses._extracted_at,
        survey_responses._extra
    from survey_responses
    left join merged
        on survey_responses.customer_id = merged.record_id
    left join found
        on survey_responses.response_id = found.event_id

)

select * from final
