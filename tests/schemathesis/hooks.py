"""Gives Schemathesis a token for the operations that want one, and another one when that is refused.

The test that runs Schemathesis listens on TEST_TOKENS and writes the token of somebody new to each connection. A run
logs out, changes passwords and deletes accounts, so that no one token lasts for all of it.
"""

import os
import socket

import schemathesis

HOST, PORT = os.environ["TEST_TOKENS"].rsplit(":", 1)
# Longer than an account takes on a busy machine.
PATIENCE = 60


def another() -> str:
    with socket.create_connection((HOST, int(PORT)), timeout=PATIENCE) as connection:
        token = connection.makefile().read()
    if not token:
        raise RuntimeError("no token: the test has failed to get one")
    return f"Bearer {token}"


def wants_token(operation) -> bool:
    return bool(operation.definition.raw.get("security"))


@schemathesis.auth(refresh_interval=None)
class Token:
    current: str | None = None

    def get(self, case, context):
        if not wants_token(context.operation):
            return None
        if Token.current is None:
            Token.current = another()
        return Token.current

    def set(self, case, data, context):
        case.headers["Authorization"] = data


@schemathesis.hook
def after_call(context, case, response):
    sent = response.request.headers.get("Authorization")
    if response.status_code == 401 and sent == Token.current:
        Token.current = None
