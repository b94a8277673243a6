"""What became of touches: episodes and their triple-barrier outcomes. Labels, no features.

1. `..level.touch_search.find_touches`: the touch machine of the LEVEL features names each touch.
2. `barriers`: the barrier sets of an episode; `first_passage`: which barrier trades reach first.
3. `outcome_pass.OutcomePass` streams a day through them for any number of levels; `episodes`
   holds the result.
"""
