"""Calls to models: streaming, structured output, call journal, cancellation."""
