"""Features: pure functions on arrays, without files, lakes or Arrow."""
