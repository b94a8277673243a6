"""Partitions on disk: paths, locks, publishing, manifests, reading."""
