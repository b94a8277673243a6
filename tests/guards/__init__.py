"""Does a test fail for each guard that is taken away? See `tests.guards.harness`."""
