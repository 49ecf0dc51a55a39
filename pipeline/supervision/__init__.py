"""Nodes as processes: how they are started, watched, restarted and stopped in order."""
