"""What the gateway can be asked to do, one function each."""
