"""Where frames go: video files with a contact sheet, MCAP recordings, a window, a page for browsers, Rerun."""
