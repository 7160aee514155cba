-- Detects: a row of need_keywords that finds nothing or what it should not: a need that segment_labels does not name,
--     a language that is none, a single Chinese character (it is in too many words), a keyword that is not in its
--     own exception.
-- Usual cause: a slip in the seed.
-- A row: a keyword and what is wrong with it.
{{ config(tags=['state']) }}

with keywords as (

    select * from {{ ref('need_keywords') }}

),

needs as (

    select segment from {{ ref('segment_labels') }}
    where
        segmentation = 'need'
        and segment <> 'unknown'

),

final as (

    select
        keywords.keyword,
        keywords.language,
        keywords.need,
        case
            when needs.segment is null then 'segment_labels has no such need'
            when keywords.language not in ('zh', 'en') then 'language is zh or en'
            when keywords.language = 'zh' and length(keywords.keyword) < 2
                then 'one Chinese character is in too many words'
            else 'it is in none of its exceptions'
        end as reason
    from keywords
    left join needs
        on keywords.need = needs.segment
    where
        needs.segment is null
        or keywords.language not in ('zh', 'en')
        or (keywords.language = 'zh' and length(keywords.keyword) < 2)
        or position(lower(keywords.keyword) in lower(keywords.except_in)) = 0

)

select * from final
