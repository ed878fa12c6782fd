"""Ends with one line unless pyspark and pyspark-client, which share one package folder, are the same version."""

import sys
from importlib.metadata import version

full, client = version("pyspark"), version("pyspark-client")
if full != client:
    sys.exit(f"setup: pyspark {full} and pyspark-client {client} share a folder: lock them alike")
