"""Reading and augmenting aligned infrared and visible pairs."""
