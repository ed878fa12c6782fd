"""The two ways a command can end badly."""


class Problem(Exception):
    """The request cannot be met. One line: where, what was found, what was expected, what to do. Exit code 2."""


class CriticalFailure(Exception):
    """A critical step, check or verification failed. Exit code 1."""
