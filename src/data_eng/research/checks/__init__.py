"""Duplicate check of feature tables: names, affine copies, linear dependence.

No two features may be the same under another name, and a level's features are not the market's.
`names` looks at what is declared, `affine` and `dependence` at pooled values of at least
`pool.MIN_SESSIONS` sessions: within one session the distances to two fixed levels differ by a
constant and look like copies of each other. ``python -m src.data_eng.check_features`` runs them.
"""
