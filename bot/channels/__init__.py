"""Ways to page staff."""
