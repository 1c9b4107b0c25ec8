"""Bytes of a page to elements and back: reading, places, splicing, proof."""
