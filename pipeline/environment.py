"""What a run tells its nodes through their environment."""

RUN_BEGAN_S = "IRVIS_RUN_BEGAN_S"
"""When the run began [s, Unix epoch]."""
