"""One module a stage: what a lane does with one record. Agents get callables and know no spaCy."""
