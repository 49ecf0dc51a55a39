"""The boards that both cameras are shown, and their points found to a fraction of a pixel."""
