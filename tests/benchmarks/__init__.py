"""How fast, and how safe under load: every number that we promise, measured."""
