"""MARKET features of futures options: pure functions on arrays, no I/O."""
