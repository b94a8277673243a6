"""Backfills that are killed at random moments, and resumed to the bytes of one that was not.

`python -m tests.faults.backfills` runs them, on local workers or Dask, in a folder or on S3.
"""
