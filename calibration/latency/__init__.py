"""The constant latency between two cameras, from when each of them sees things move or blink."""
