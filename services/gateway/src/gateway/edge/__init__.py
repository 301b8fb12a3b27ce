"""What surrounds the routes: hosts, headers, bodies and rates of everything that strangers send."""
