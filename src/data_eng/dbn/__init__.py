"""Decoding of DBN files."""
