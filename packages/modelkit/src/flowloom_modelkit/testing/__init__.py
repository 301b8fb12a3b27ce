"""Fakes of modelkit's ports; production code never imports them."""
