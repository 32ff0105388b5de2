"""Examples in, model out, with proof."""
