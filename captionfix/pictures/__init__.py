"""What makes two pictures the same picture."""
