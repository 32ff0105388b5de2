"""Pure rules of the clinic: no clock, no I/O, no framework."""
