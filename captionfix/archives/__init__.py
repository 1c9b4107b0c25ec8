"""Where pages come from and where cleaned copies go: one file a container."""
