"""Our own lints: one module for each rule, with a function `check(tree)` that returns its findings."""
