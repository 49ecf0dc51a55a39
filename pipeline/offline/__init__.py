"""`irvis fuse`: the same pairing and fusion over files, every frame once."""
