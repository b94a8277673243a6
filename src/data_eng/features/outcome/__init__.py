"""What became of touches: episodes and their triple-barrier outcomes. Labels, no features.

1. `..level.level_touches.level_touches`: the touch machine of the LEVEL features names each touch.
2. `barriers`: the barrier sets of an episode; `first_passage`: which barrier trades reach first.
3. `label_touches.label_touches` takes touches of any number of levels and the prices of their day;
   `episodes` holds the result.
"""
