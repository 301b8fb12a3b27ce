"""One file per subcommand of `flowloom`."""
