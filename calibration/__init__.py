"""From pictures of a board, or of anything, to rig.yaml: how the infrared camera's pixels lie on the visible's."""
