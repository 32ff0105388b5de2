"""SMS providers: the only code that knows a carrier's words."""
