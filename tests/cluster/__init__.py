"""One night on a Spark cluster of this machine, a worker killed in the middle: `make cluster-test`.

`python -m tests.cluster` runs it; the small parts of it are tested beside it, without a cluster.
"""
