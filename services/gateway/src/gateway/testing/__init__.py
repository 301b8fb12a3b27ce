"""Fakes of the gateway's ports; production code never imports them."""
