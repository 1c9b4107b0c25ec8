"""Repeated image files: which places name them, what can name the kept one, what is taken out."""
