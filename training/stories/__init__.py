"""How `worker/stories` was trained and is judged: weights of words, the decision, stories, reprints."""
