"""Migrations of the schema `gateway`, shipped with the service."""
