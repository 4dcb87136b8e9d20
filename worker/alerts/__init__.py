"""Alert rules: the index of rules, and matching articles against them. Pure: no I/O, no clock."""
