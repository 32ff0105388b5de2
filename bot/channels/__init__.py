"""Ways to page staff beside texts and calls, one module each; the contract is ``AlertChannel``.

A new one (a pager, a chat) is a module here and a line in ``bot/bootstrap.py``; the tests in
``tests/adapters/test_channel_contract.py`` then run over it.
"""
