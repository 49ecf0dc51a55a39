"""Live infrared and visible fusion: the shared words and the engine runtime (no torch, no sockets)."""
