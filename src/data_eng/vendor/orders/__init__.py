"""Ordering raw files from the vendor: what is missing, what it costs, and the way into the lake."""
