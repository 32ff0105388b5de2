"""Rasa custom actions: they translate, and decide nothing."""
