"""P7, workers: the same night on a standalone cluster of one worker, then of two. Nothing here starts a cluster yet."""

from tests.bench.scenario import Aim, Scenario

AIMS = {"efficiency": Aim("efficiency: time with one worker ÷ twice the time with two", 0.8, at_least=True)}
SCENARIO = Scenario("P7, workers", AIMS, bench=None)
