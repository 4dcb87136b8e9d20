"""Alerts on the desk: kept as they are raised, told to who watches, shown with the text that raised them."""
