"""What became of touches: episodes and their triple-barrier outcomes. Labels, no features.

1. `market_events.MarketEvents`: trades and mids of the tables, in record order.
2. `touch_kernel.find_touches`: the touch machine of the LEVEL features, which names each touch.
3. `barriers`: the barrier sets of an episode; `first_passage`: which barrier trades reach first.
4. `outcome_pass.OutcomePass` streams a day through them for any number of levels; `episodes`
   holds the result.
"""
