"""What fits captionfix into other programs."""
