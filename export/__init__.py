"""Checkpoint to compiled artifact: trace, convert, check parity, write the manifest."""
