"""`dateline desk`: runs the desk's pages over the topics, as a member of no group."""
