"""The parts of a local platform: how each is found, configured and told to be ready."""
