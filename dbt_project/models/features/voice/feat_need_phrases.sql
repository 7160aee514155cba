with keywords as (

    select * from {{ ref('need_keywords') }}

),

-- whoever writes traditional characters says the same; a keyword in them may be a row of its own as well
spelled as (

    select
        keyword,
        language,
        need,
        except_in,
        is_problem
    from keywords
    union
    select
        {{ in_traditional_characters('keyword') }} as keyword,
        language,
        need,
        {{ in_traditional_characters('except_in') }} as except_in,
        is_problem
    from keywords
    where language = 'zh'

),

phrased as (

    select
        {{ as_phrase('keyword', 'language') }} as phrase,
        language,
        need,
        except_in,
        is_problem
    from spelled

),

final as (

    select
        phrase,
        {{ first_characters('phrase', 1) }} as first_characters,
        language,
        need,
        except_in,
        length(phrase) as phrase_length,
        is_problem
    from phrased

)

select * from final
