"""Tests of the shapes that processes and people rely on."""
