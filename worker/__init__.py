"""Dateline: raw news articles in, entity, quote and topic tags out, each delivered exactly once.

    raw topic -> lane: a batch -> agents.enrich -> pool: enrichment in processes -> lane: one transaction
        outputs: enriched, entities, quotes, search; what can't be enriched: dead letters
    enriched -> lane -> agents.match: the rules in force -> lane: matches, keyed by rule
    matches -> lane -> agents.alert: the rules' cooldowns -> lane: alerts

Words
-----
topic        always Kafka's; a news topic is a *topic tag*, an IPTC Media Topic
event        what Faust hands an agent
record       our typed value
article      one news text
mention      a span of the text that names something
entity       what several mentions share
quote        words attributed to a *speaker* by a *cue* ("said", "according to")
dead letter  an input that could not be enriched, kept whole, with the reason
rule         a standing query; an article that matches it becomes an *alert*, unless the rule's cooldown keeps
             it back
lane         one input partition during one assignment, with the producer that delivers for it
"""

__version__ = "0.1.0"
