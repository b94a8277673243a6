"""Prices of options on futures: Black (1976), implied volatility, smiles. Arrays, no I/O."""
