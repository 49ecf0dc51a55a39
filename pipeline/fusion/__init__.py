"""From two cameras' topics to fused frames: pairing, aligning, inference, and what goes on without one of them."""
