"""Golden conversations: their format and their player."""
