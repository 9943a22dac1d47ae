"""A whole account life through a client that is generated from proto/, as a service in Python would have it.

tests/it/clients.rs runs it against the binary. It exits 0 when every answer is the one that the contract promises.
"""

import argparse
import pathlib
import re
import sys
import tempfile
import time

import grpc
import grpc_tools
import picture
from google.protobuf import field_mask_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from grpc_tools import protoc

NAME = "grace"
EMAIL = "grace@example.com"
PASSWORD = "a long day at sea"
# Longer than anything here takes on a busy machine; without one, a lost answer would hang the tests.
DEADLINE = 30


def generate(proto, out):
    """Compiles the contract into `out` and makes it importable."""
    files = sorted(str(path) for path in proto.glob("accountd/v1/*.proto"))
    google = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    status = protoc.main(
        ["protoc", f"-I{proto}", f"-I{google}", f"--python_out={out}", f"--grpc_python_out={out}", *files]
    )
    assert status == 0, "the contract does not compile"
    sys.path.insert(0, out)


def mailed_code(mail):
    """The code in the newest mail to the account; mails are sent after the answer."""
    for _ in range(DEADLINE * 10):
        for path in sorted(mail.glob(f"*{EMAIL}*.eml"), reverse=True):
            found = re.search(r"^ +(\d{6})\r?$", path.read_text(), re.MULTILINE)
            if found:
                return found.group(1)
        time.sleep(0.1)
    raise AssertionError(f"no code was mailed to {EMAIL}")


def refused(call, code, reason):
    """Asserts that `call` is refused so, and gives back the details by their type."""
    try:
        answer = call()
    except grpc.RpcError as error:
        details = {}
        for packed in rpc_status.from_call(error).details:
            for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest):
                if packed.Is(kind.DESCRIPTOR):
                    details[kind] = kind()
                    packed.Unpack(details[kind])
        info = details[error_details_pb2.ErrorInfo]
        assert (error.code(), info.reason, info.domain) == (code, reason, "accountd"), error
        return details
    raise AssertionError(f"not refused with {reason}: {answer}")


class Client:
    """The generated stub with a deadline on every call and the token that was given last."""

    def __init__(self, stub):
        self.stub = stub
        self.token = None

    def __getattr__(self, name):
        method = getattr(self.stub, name)
        metadata = [("authorization", f"Bearer {self.token}")] if self.token else None
        return lambda message: method(message, timeout=DEADLINE, metadata=metadata)


def live(client, contract, variants, mail):
    """Registers, uses the account in every way, and deletes it."""
    nonsense = contract.RegisterRequest(username="no spaces", email="nowhere", password="short")
    details = refused(lambda: client.Register(nonsense), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    fields = [violation.field for violation in details[error_details_pb2.BadRequest].field_violations]
    assert fields == ["username", "email", "password"], fields

    registered = client.Register(contract.RegisterRequest(username=NAME, email=EMAIL, password=PASSWORD))
    answer = contract.VerifyOtpRequest(account_id=registered.account.id, code=mailed_code(mail))
    activated = client.VerifyOtp(answer)
    assert activated.account.email_verified, activated

    login = contract.LoginRequest(username=NAME, password=PASSWORD)
    tokens = client.Login(login).tokens
    client.token = tokens.access_token
    account = client.GetCurrent(contract.GetCurrentRequest()).account
    assert (account.id, account.username) == (registered.account.id, NAME), account

    change = contract.UpdateRequest(
        update_mask=field_mask_pb2.FieldMask(paths=["full_name"]),
        full_name="Grace Hopper",
        # Not in the mask, so it must stay as it is.
        username="somebody-else",
        etag=account.etag,
    )
    changed = client.Update(change).account
    assert (changed.full_name, changed.username) == ("Grace Hopper", NAME), changed
    refused(lambda: client.Update(change), grpc.StatusCode.ABORTED, "ETAG_MISMATCH")

    picture.live(client, contract, variants)
    fetch = contract.DownloadProfilePictureRequest()
    refused(lambda: list(client.DownloadProfilePicture(fetch)), grpc.StatusCode.NOT_FOUND, "PICTURE_NOT_FOUND")

    sessions = client.ListSessions(contract.ListSessionsRequest()).sessions
    assert [session.id for session in sessions if session.current] == [tokens.session_id], sessions

    refreshed = client.Refresh(contract.RefreshRequest(refresh_token=tokens.refresh_token)).tokens
    assert refreshed.refresh_token != tokens.refresh_token
    client.token = refreshed.access_token
    client.Logout(contract.LogoutRequest())
    current = contract.GetCurrentRequest()
    refused(lambda: client.GetCurrent(current), grpc.StatusCode.UNAUTHENTICATED, "TOKEN_REVOKED")

    client.token = None
    client.token = client.Login(login).tokens.access_token
    client.Delete(contract.DeleteRequest(current_password=PASSWORD))
    refused(lambda: client.GetCurrent(current), grpc.StatusCode.UNAUTHENTICATED, "ACCOUNT_DELETED")
    client.token = None
    refused(lambda: client.Login(login), grpc.StatusCode.UNAUTHENTICATED, "INVALID_CREDENTIALS")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--address", required=True)
    arguments.add_argument("--proto", required=True, type=pathlib.Path)
    arguments.add_argument("--mail", required=True, type=pathlib.Path)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as out:
        generate(options.proto, out)
        from accountd.v1 import account_pb2, account_service_pb2, account_service_pb2_grpc

        with grpc.insecure_channel(options.address) as channel:
            client = Client(account_service_pb2_grpc.AccountServiceStub(channel))
            live(client, account_service_pb2, account_pb2.PictureVariant, options.mail)


if __name__ == "__main__":
    main()
