"""What the gateway needs from outside, one file per thing."""
