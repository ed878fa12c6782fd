"""What things are: contracts of tables and indicators, and the loader of every declaration. Imports no Spark."""

from schemas.city import City, cities, conf, load_city
from schemas.common import catalogue
from schemas.declared import DeclarationError
from schemas.indicator import Indicator
from schemas.rules import Rule, Rules
from schemas.source import Into, Source
from schemas.table import ELEMENTS, Column, Table
from schemas.term import Term

__all__ = [
    "ELEMENTS", "City", "Column", "DeclarationError", "Indicator", "Into", "Rule", "Rules", "Source", "Table", "Term",
    "catalogue", "cities", "conf", "load_city",
]  # fmt: skip
