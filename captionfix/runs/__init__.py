"""What the command line does with many files: pages cleaned, images looked at and grouped."""
