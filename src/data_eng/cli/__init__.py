"""The command line: one file a command, dates, and what a run shows."""
