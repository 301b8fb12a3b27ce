"""The workflow language: parse, validate, expressions, plan and the pure interpreter."""
