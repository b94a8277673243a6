"""LEVEL features: one price level and what the market does about it, on a grid of one second.

1. `levels`: which levels there are, each a value with a price rule (`prices`).
2. `level_path.LevelPath`: the level's values and when each is known.
3. `level_tables.level_seconds`: each level merged with the tables that a scan of the book left,
   trades, best quotes and displayed sizes (`level_kernel.merge_level`); no record is read. It
   fills `level_sums.LevelSums`: sums by second, and the touch machine (`touch_machine`) at each
   whole second.
4. `level_seconds.LevelSeconds`: windows of whole seconds of one level. Each feature is a NumPy
   function of it and of the day by second, declared beside it (`features.feature`): `position`,
   `touches`, `occupancy`, `approach`, `traded`, `resting`, `resting_flow`, `slope`.
5. `columns.level_columns` computes those that the level has, in the order of its table.
6. `level_touches.level_touches`: the same machine on trades and mids alone, a row a touch
   (`touch_search`), of which labels are made.

A row at ``ts`` uses records with ``ts_recv < ts`` and a level that is known by ``ts``.
"""
