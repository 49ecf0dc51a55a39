"""What is written to disk in either format: files in order of time, H.264, room that is left."""
