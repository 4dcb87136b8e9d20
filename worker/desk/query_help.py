"""What a query can ask, as the pages explain it beside the field in which it is typed."""

QueryTerm = tuple[str, str]
"""An example, and what it matches."""

_WORDS: tuple[QueryTerm, ...] = (
    ("harbour", "the word, in headline or text, in any letter case"),
    ('"dock strike"', "these words next to each other"),
    ('"dock strike"~5', "these words in any order, with 5 others between them at most"),
    ("stem:strike", "the word in any of its forms, such as strikes and striking"),
    ("headline:strike", "the word in the headline"),
)
_COMMON: tuple[QueryTerm, ...] = (
    ("entity:NATO", "a person, organisation, place or other name"),
    ("id:person:mark-rutte", "the same by its id, which stands on the page of a person"),
    ("type:ORG", "any name of a type: PERSON, ORG, GPE, LOC, NORP, EVENT and others"),
    ("link:iso3166:UA", "a country by its code, or another link of a name"),
    ('speaker:"Mark Rutte"', "who is quoted"),
    ("speaker_id:person:mark-rutte", "the same by the speaker's id"),
    ("topic:conflict", "a topic or a narrower one, by the first words of its name or by its code"),
    ("source:wire.example", "the source"),
    ("language:en", "the language by its code; lang: is the same"),
)
_JOINED: tuple[QueryTerm, ...] = (
    ("ferry strike", "both, as with AND between them"),
    ("ferry OR strike", "one of them or both"),
    ("ferry NOT strike", "the first without the second, as ferry -strike"),
    ("(ferry OR port) strike", "what belongs together"),
)
_STORIES: tuple[QueryTerm, ...] = (
    ("story:new", "a story's first article"),
    ("sources>=3", "a story of three independent sources"),
    ("reprints>=5", "a story of which five articles are copies"),
    ("growth>=10/1h", "a story that grew by ten articles in an hour"),
)
_SEARCHED: tuple[QueryTerm, ...] = (
    ("person:rutte", "a part of a person's name; also organisation:, place: and author:"),
    ("country:UA", "a country by its code"),
    ("story:c8e862933194bbcab54bc44a", "the articles of a story, by its id"),
    ("sources>=3", "articles of stories of three sources or more"),
    ("since:7d", "published in the last 7 days; until: is the opposite, and both take a date"),
)

QUERY_HELP: dict[str, tuple[QueryTerm, ...]] = {
    "filter": (*_WORDS, *_COMMON, *_JOINED),
    "rule": (*_WORDS, *_COMMON, *_JOINED, *_STORIES),
    "search": (*_WORDS, *_COMMON, *_SEARCHED, *_JOINED),
}
"""By who asks: a filter on Live, a rule, or a search."""
