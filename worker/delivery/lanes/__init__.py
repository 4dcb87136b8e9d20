"""The lane engine: a lane takes one input partition's records and delivers what comes of them."""
