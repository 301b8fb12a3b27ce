"""Benchmarks of the public interface."""
