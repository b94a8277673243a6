"""Reading a lake for research: scan, training sets, evaluation, report, checks."""
