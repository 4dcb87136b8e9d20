"""Indexes: by which numbers stories and articles are found, millions of them in a few bytes each.

    pairs     numbers and whose they are, sorted and packed
    postings  the stories that share words with an article
    copies    the articles that share text with one

What they find does not depend on how they are divided into runs.
"""
