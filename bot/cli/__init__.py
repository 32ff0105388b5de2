"""The command `tend`: every process, and every task of the person who runs them.

Each command imports what it needs itself: `tend --help` must not wait for a web server to load.
"""
