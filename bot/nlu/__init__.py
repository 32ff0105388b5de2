"""Runs inside Rasa's process on Python 3.10; imports nothing else of bot."""
