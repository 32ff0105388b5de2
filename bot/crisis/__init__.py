"""Reads a text for danger and explains every decision."""
