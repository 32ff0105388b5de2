"""Rules of the training desk: what may be taught, what gives somebody away, what helps."""
