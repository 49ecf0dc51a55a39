"""The calibration as a page: drawings, blends and figures in one HTML file."""
