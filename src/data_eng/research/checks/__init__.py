"""Duplicate check of feature tables.

No two features may be the same under another name, and a level's features are not the market's.
`catalogue.names` looks at what is declared; these look at pooled values of at least
`pool.MIN_SESSIONS` sessions, since within one session the distances to two fixed levels differ by a
constant and look like copies of each other:

- `affine`: pairs that are the same but for scale and origin, or nearly so;
- `identities`: one that is a sum, difference, product, ratio or power of two others;
- `within_session`: one that is another plus, or times, a constant of each session;
- `mixing`: level features that say nothing of their level;
- `clock`: the time of the day inside a column;
- `masks`: a column that is the null mask of another, a mask that is a column;
- `dependence`, `logarithms`: linear dependence, and products of any number.

``python -m src.data_eng.check_features`` runs them (`values`); `allowed` is what stays.
"""
