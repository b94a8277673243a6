"""Parquet files at the level of encoded column chunks and footers."""
