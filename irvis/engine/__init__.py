"""Loaded networks behind one contract: uint8 pictures in, uint8 picture and labels out."""
