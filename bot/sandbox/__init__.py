"""Phones in a web page, a clock that moves, and a cast of people who do not exist."""
