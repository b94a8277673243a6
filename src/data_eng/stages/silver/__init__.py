"""Stages from Bronze to Silver."""
