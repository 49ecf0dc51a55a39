"""MCAP recordings: what a file holds, how it is written so that a crash loses a second at most, and read again."""
