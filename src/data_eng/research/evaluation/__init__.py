"""Whether touches of the levels bounce or break more often than chance, and can be foretold.

1. `touches`: the touches of each session, of the real levels and of placebo levels (`placebo`).
2. `rates`: bounce, break and timeout rates by level and half hour, beside those of the placebo
   levels, with bootstrap intervals by session.
3. `baseline`: simple models under purged cross-validation, against the base rate.
4. `leaks`: features that foretell the outcome too well to be honest.

``python -m src.data_eng.evaluation`` runs them over a range of dates.
"""
