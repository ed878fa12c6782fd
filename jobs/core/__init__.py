"""Session, lake (the only reader and writer of tables), ledger, vault and errors."""
