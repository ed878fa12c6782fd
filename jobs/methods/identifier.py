"""Whether an identifier keeps its standard's rule: citizen numbers of GB 11643, organisation codes of GB 32100-2015."""

from collections.abc import Mapping

from jobs.shared.identifiers import citizen_id, uscc

INPUTS = {"text": "text"}
OUTPUTS = ("citizen_id", "uscc")


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """Whether it keeps the rule; NULL for no text."""
    return {"citizen_id": citizen_id, "uscc": uscc}[output](inputs["text"])
