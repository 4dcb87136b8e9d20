"""Quote lineage: the same utterance in several articles of a story, and what each has of its words.

    marks       a quote as a short string, by which quotes with common words are found
    alignment   two quotes word by word: whether they are one utterance, and where they differ
    utterances  what a story keeps of its quotes, and what its record shows of them

Words alone are compared. Nothing is said about who spoke first, who copied whom, or what was meant.
"""
