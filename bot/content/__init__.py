"""Loads and checks what clinic people edit under data/."""
