"""What must be true: rules as one-pass row predicates and as great-expectations suites."""
