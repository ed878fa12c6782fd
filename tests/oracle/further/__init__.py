"""A further set of worked examples, by element: functions that give cases."""
