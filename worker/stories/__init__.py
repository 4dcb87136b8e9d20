"""Stories: which articles are copies of one another, and which tell of the same event.

    enriched article -> sketch: what is kept of it -> Stories.take: assignment, story, changed state

An article is seen once, in the order of one log, and is never looked at again. Everything that is decided
follows from that log alone: sums, times and scores are integers, and no clock, no chance and no order of a
set takes part. So whoever reads the same log, from wherever and in whatever batches, finds the same stories.

    words, weights   a text as hashed words, and how much each says
    fingerprints     a text as places by which copies of it are found
    sketch           what an article leaves behind; `wires` says which agency it credits
    vector           weighted words, summed and compared
    index           the stories that share words with an article, the articles that share text
    decision         whether an article tells of a story; `relations` whether it is a copy, and how
    lineage          quotes of the same utterance, and where they differ
    story, entry     what is kept of a story and of an article, as bytes of a compacted topic
    stories          all of it together
"""
