"""Dateline: raw news articles in, entity, quote and topic tags out, each delivered exactly once.

    raw topic -> lane: a batch -> agents.enrich -> pool: enrichment in processes -> lane: one transaction
        outputs: enriched, entities, quotes, search; what can't be enriched: dead letters
    enriched -> lane -> agents.match: the rules in force -> lane: matches, keyed by rule
    matches -> lane -> agents.alert: the rules' cooldowns -> lane: alerts
    sketches -> lane -> agents.stories -> lane: stories -> lane -> agents.story_rules -> lane: matches
    notes of articles with their stories -> lane -> agents.trends -> lane: counts by hour and day

Words
-----
topic        always Kafka's; a news topic is a *topic tag*, an IPTC Media Topic
channel      a topic's role, such as enriched; its name on the cluster has the topic prefix before it
event        what Faust hands an agent
message      a Kafka record as bytes, before or after anyone looks inside
record       our typed value; also any entry of a topic, as Kafka has it
stage        enrich, match, alert, stories, story-rules or trends: what the worker reads, does with it, and
             writes
article      one news text
mention      a span of the text that names something
entity       what several mentions share
quote        words attributed to a *speaker* by a *cue* ("said", "according to")
dead letter  an input that could not be enriched, kept whole, with the reason
rule         a standing query; an article that matches it becomes an *alert*, unless the rule's cooldown keeps
             it back
story rule   a rule that asks about stories: it is matched with their records, and with no article
match        an enriched article, or a story, that a rule in force matched, before the rule's cooldown
silence      the state of a cooldown: the alerts after which a rule keeps further ones back
sketch       what is kept of an enriched article for stories: hashed words and names, fingerprints of its text
story        articles that tell of the same event
copy         an article whose text is another's, whole or in part
note         what trends know of an article: its time, its story, whether it is a copy, and its *subjects*
trend        how many articles and stories name a subject (a person, an organisation, a place or a topic) in
             an hour or on a day; a *burst* is far more than in those of the week before
lane         one input partition during one assignment, with the producer that delivers for it
"""

__version__ = "0.1.0"
