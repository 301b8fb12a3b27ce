"""The expression language: CEL's syntax with our own parser and evaluator."""
