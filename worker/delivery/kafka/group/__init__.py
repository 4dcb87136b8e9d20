"""This worker as a member of its group: its name, and the settings that it compares with the others."""
