"""`irvis bench`: engines alone, the whole pipeline, and engines beside each other."""
