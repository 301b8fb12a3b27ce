"""What operators see of a real platform: its traces, logs and metrics."""
