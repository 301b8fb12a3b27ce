"""Every shape that crosses a process border."""
