"""Stages from Silver to Gold."""
