"""Databento DBN files of CME futures and options to a lake of Parquet partitions."""

__version__ = "0.1.0"
__all__ = ["__version__"]
