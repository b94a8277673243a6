"""Whether touches of the levels bounce or break more often than chance, and can be foretold.

1. `session_day`: a session of the lake; `touches`: its touches, of the real levels and of placebo
   levels (`placebo`), with every label of theirs (`labels`).
2. `sums` and `rates`: rates and scores less their expectation without drift by level, half hour and
   touch number, beside those of the placebo levels, with bootstrap intervals by session
   (`ratio_bootstrap`) and the smallest difference that would be found (`power`).
3. `baseline`: simple models (`models`) out of sample, against the driftless probability alone.
4. `leaks`: features that foretell the outcome too well to be honest.

``python -m src.data_eng.evaluation`` runs them over a range of dates; `found` holds what they find,
`text` prints it, `page` draws it with `charts`.
"""
