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
    was_taken = False

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
    if not wants_token(case.operation) or response.request.headers.get("Authorization") != Token.current:
        return
    if response.status_code == 401:
        Token.current = None
    elif response.status_code < 300 and not Token.was_taken:
        Token.was_taken = True
        # The test looks for it: refusals alone would conform to any document.
        print("a token was taken")
