"""A formula's text: arithmetic over names, parsed once and walked by everything that reads it."""

import ast
from functools import lru_cache

PARTS = ("n", "sum", "squares")
"""What a `moments` term offers: the number of values, their sum, and the sum of their squares."""
_OPERATORS = (ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub)
_ALLOWED = (*_OPERATORS, ast.Name, ast.Load, ast.Constant, ast.Call, ast.Attribute)


@lru_cache(maxsize=4096)
def formula(text: str) -> ast.expr:
    """The parsed formula: names, numbers, + - * /, greatest(…) and least(…), and the parts of a moments term.

    Raises ValueError naming what is else.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"value {text!r} is not arithmetic: {error.msg}") from None
    for node in ast.walk(tree):
        _check(text, node)
    return tree


def names(text: str) -> set[str]:
    """The names a formula uses; `x.sum` uses x."""
    tree = formula(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


def divisors(text: str) -> set[str]:
    """The names that stand below a division line."""
    below = [
        node.right for node in ast.walk(formula(text)) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
    ]
    return {node.id for one in below for node in ast.walk(one) if isinstance(node, ast.Name)}


def part(node: ast.Attribute) -> tuple[str, str]:
    """The term's name and the part of it: `x.sum` is (x, sum)."""
    assert isinstance(node.value, ast.Name)
    return node.value.id, node.attr


def _check(text: str, node: ast.AST) -> None:
    if isinstance(node, ast.Call):
        if not (isinstance(node.func, ast.Name) and node.func.id in ("greatest", "least")):
            raise ValueError("value may call only greatest(…) and least(…)")
        if len(node.args) < 2 or node.keywords:
            raise ValueError(f"{node.func.id}(…) takes two things or more")
    elif isinstance(node, ast.Attribute):
        if not isinstance(node.value, ast.Name) or node.attr not in PARTS:
            raise ValueError(
                f"{ast.unparse(node)}: a moments term has .{', .'.join(PARTS)}, and nothing else has parts"
            )
    elif not isinstance(node, _ALLOWED) or (isinstance(node, ast.Constant) and type(node.value) not in (int, float)):
        raise ValueError(f"value {text!r}: {type(node).__name__} is not arithmetic over terms")
