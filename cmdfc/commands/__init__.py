"""What `irvis` offers of the network: one file per command, imported when it is asked for."""
