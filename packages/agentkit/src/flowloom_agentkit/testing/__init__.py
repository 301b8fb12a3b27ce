"""Fakes of agentkit's ports; production code never imports them."""
