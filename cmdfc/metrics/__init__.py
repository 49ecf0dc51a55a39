"""Fusion and segmentation metrics, one file each."""
