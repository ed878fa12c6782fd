"""Ends with one line unless pyspark and pyspark-client, which share one package folder, are the same version."""

import sys
from importlib.metadata import version

if version("pyspark") != version("pyspark-client"):
    sys.exit(f"setup: pyspark {version('pyspark')} and pyspark-client {version('pyspark-client')} share a folder: lock them alike")
