"""What became of touches: episodes and their triple-barrier outcomes. Labels, no features.

1. `..level.level_touches.level_touches`: the touch machine of the LEVEL features names each touch.
2. `barriers`: the barrier sets of an episode; `first_passage`: which barrier trades reach first.
3. `driftless`: how often it would be a bounce without drift, and the score that is compared with
   it; `overlap`: labels that are one event, and how much each says by itself; `close_outcome`: the
   label of 2-minute closes.
4. `label_touches.label_touches` takes touches of any number of levels and the prices of their day;
   `episodes` holds the result.
"""
