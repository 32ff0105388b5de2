"""The console: what clinicians, support and administrators see in a browser."""
