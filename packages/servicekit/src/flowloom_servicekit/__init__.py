"""What every Flowloom service needs and no business noun owns."""
