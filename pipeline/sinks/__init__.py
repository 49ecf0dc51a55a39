"""Where fused frames go: a video file with its contact sheet, a window on the screen."""
