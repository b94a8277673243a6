"""What CME and NYSE say: products, symbols, rolls, calendar, sessions. Pure."""
