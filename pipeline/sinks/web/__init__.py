"""The web sink: a page for browsers with the live stream of one or several rigs.

Per rig, a thread receives fused frames and encodes each view once, and only views that a browser waits for. The
server's own thread hands the same bytes to every browser that is ready; one that is slow gets fewer frames.
"""
