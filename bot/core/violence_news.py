"""The news that cannot wait while violence is known, by the names that stand on record.

Each is told at once to whoever has the alert, and each raises; none lowers anything.
"""

# He is back or has found her; it happened again; she asks for a call that nothing on her phone may
# confirm; he is armed or threatens her life, which is an emergency.
RETURN, AGAIN, CALL = "his_return", "violence_again", "call_while_unsafe"
ARMED = "violence_armed"
PRESSING = frozenset({RETURN, AGAIN, CALL, ARMED})
