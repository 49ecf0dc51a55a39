"""The running system, in the order the data flows: sources, capture, sync, align, fuse, sinks."""
