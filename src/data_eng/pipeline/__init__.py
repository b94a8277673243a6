"""Plan and executors: from what is asked for to the partitions that are built."""
