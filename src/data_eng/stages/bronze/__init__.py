"""Stages from raw DBN files to Bronze."""
