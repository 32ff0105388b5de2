"""One clinic verb a function; each owns its transaction."""
