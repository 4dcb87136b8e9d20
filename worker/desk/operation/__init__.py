"""What the desk remembers of the group over the last hour, and draws."""
