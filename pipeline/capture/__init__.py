"""From a camera to its topic: sources read in their own time, repeats found out."""
