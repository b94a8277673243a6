"""Published tables as arrays: row groups, time slices, the clock, ticks, bars, levels."""
