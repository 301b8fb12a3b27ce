"""What all benchmarks share: the platform, blocks, statistics, machine facts and result files."""
