// A whole account life through a client made from proto/, as a service in JavaScript would have it.
//
// tests/it/clients.rs runs it against the binary. It exits 0 when every answer is the one that the contract promises.

const assert = require("node:assert/strict");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const { parseArgs } = require("node:util");

const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");
const protobuf = require("protobufjs");

const NAME = "margaret";
const EMAIL = "margaret@example.com";
const PASSWORD = "a long day at sea";
// Longer than anything here takes on a busy machine; without one, a lost answer would hang the tests.
const DEADLINE_MS = 30_000;

// A PNG of 3 x 2 pixels with a comment.
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAFXRFWHRDb21tZW50AGF0IDUyLjUsIDEzLjSlvYD5AAAAEElEQVR4" +
  "2mP4xcUFQQxwFgBE/AZVDfbfVAAAAABJRU5ErkJggg==",
  "base64",
);

// What `grpc-status-details-bin` holds: the parts of google/rpc that are looked at here. The npm packages have none of it.
const details = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
  message BadRequest {
    message FieldViolation { string field = 1; string description = 2; string reason = 3; }
    repeated FieldViolation field_violations = 1;
  }
`).root;

/** The client with promises, a deadline on every call and the token that was given last. */
class Client {
  token = undefined;

  constructor(address, proto) {
    const definition = loader.loadSync("accountd/v1/account_service.proto", { includeDirs: [proto], enums: String });
    const { AccountService } = grpc.loadPackageDefinition(definition).accountd.v1;
    this.stub = new AccountService(address, grpc.credentials.createInsecure());
  }

  /** What goes along with every call. */
  context() {
    const metadata = new grpc.Metadata();
    if (this.token) metadata.set("authorization", `Bearer ${this.token}`);
    return [metadata, { deadline: Date.now() + DEADLINE_MS }];
  }

  call(method, message = {}) {
    return new Promise((resolve, reject) => {
      this.stub[method](message, ...this.context(), (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  }

  /** Sends the parts of an upload. */
  upload(parts) {
    return new Promise((resolve, reject) => {
      const done = (error, answer) => (error ? reject(error) : resolve(answer));
      const call = this.stub.uploadProfilePicture(...this.context(), done);
      for (const part of parts) call.write(part);
      call.end();
    });
  }

  /** The header of a download, and its bytes. */
  async download(message = {}) {
    const [{ header }, ...parts] = await this.stub.downloadProfilePicture(message, ...this.context()).toArray();
    return { header, bytes: Buffer.concat(parts.map((part) => part.chunk)) };
  }

  /** Asserts that the call is refused so, and gives back the details by their type. */
  async refused(method, message, code, reason) {
    const error = await this.call(method, message).then(
      (answer) => assert.fail(`not refused with ${reason}: ${JSON.stringify(answer)}`),
      (error) => error,
    );
    const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
    assert.ok(bytes, `a refusal without details: ${error}`);
    const found = {};
    for (const { typeUrl, value } of details.lookupType("google.rpc.Status").decode(bytes).details) {
      const name = typeUrl.split("/").pop();
      const type = ["google.rpc.ErrorInfo", "google.rpc.BadRequest"].includes(name) && details.lookupType(name);
      if (type) found[type.name] = type.decode(value);
    }
    const { reason: actual, domain } = found.ErrorInfo;
    assert.deepEqual([error.code, actual, domain], [code, reason, "accountd"], String(error));
    return found;
  }
}

/** The code in the newest mail to the account; mails are sent after the answer. */
async function mailedCode(mail) {
  for (let waited = 0; waited < DEADLINE_MS; waited += 100) {
    const names = fs.readdirSync(mail).filter((name) => name.includes(EMAIL) && name.endsWith(".eml"));
    for (const name of names.sort().reverse()) {
      const found = /^ +(\d{6})\r?$/m.exec(fs.readFileSync(path.join(mail, name), "utf8"));
      if (found) return found[1];
    }
    await sleep(100);
  }
  assert.fail(`no code was mailed to ${EMAIL}`);
}

/** Sets a picture, fetches it and removes it. */
async function livePicture(client) {
  const sha256 = createHash("sha256").update(PICTURE).digest();
  const chunks = [PICTURE.subarray(0, 50), PICTURE.subarray(50)].map((chunk) => ({ chunk }));
  const { account } = await client.upload([{ header: { size: PICTURE.length, sha256 } }, ...chunks]);
  const { etag, contentType, width, height } = account.picture;
  assert.deepEqual([contentType, width, height], ["image/png", 3, 2]);
  assert.deepEqual((await client.call("getCurrent")).account.picture, account.picture);

  const { header, bytes } = await client.download();
  assert.deepEqual([header.etag, header.width, header.height, Number(header.size)], [etag, 3, 2, bytes.length]);
  assert.equal(bytes.toString("latin1", 0, 8), "\x89PNG\r\n\x1a\n");
  assert.equal(PICTURE.includes("Comment"), true);
  assert.equal(bytes.includes("Comment"), false);
  const rest = await client.download({ offset: 20, ifMatch: etag });
  assert.deepEqual(rest.bytes, bytes.subarray(20));
  const square = await client.download({ variant: "PICTURE_VARIANT_SQUARE_128" });
  assert.deepEqual([square.header.width, square.header.height], [2, 2]);
  const known = await client.download({ ifNoneMatch: etag });
  assert.deepEqual([known.header.notModified, known.bytes.length], [true, 0]);

  const removed = await client.call("deleteProfilePicture");
  assert.equal(removed.account.picture ?? undefined, undefined);
  await client.refused("deleteProfilePicture", {}, grpc.status.NOT_FOUND, "PICTURE_NOT_FOUND");
}

/** Registers, uses the account in every way, and deletes it. */
async function live(client, mail) {
  const { ABORTED, INVALID_ARGUMENT, UNAUTHENTICATED } = grpc.status;
  const nonsense = { username: "no spaces", email: "nowhere", password: "short" };
  const { BadRequest } = await client.refused("register", nonsense, INVALID_ARGUMENT, "INVALID_FIELD");
  const fields = BadRequest.fieldViolations.map((violation) => violation.field);
  assert.deepEqual(fields, ["username", "email", "password"]);

  const registered = await client.call("register", { username: NAME, email: EMAIL, password: PASSWORD });
  const answer = { accountId: registered.account.id, code: await mailedCode(mail) };
  const activated = await client.call("verifyOtp", answer);
  assert.equal(activated.account.emailVerified, true);

  const login = { username: NAME, password: PASSWORD };
  const { tokens } = await client.call("login", login);
  client.token = tokens.accessToken;
  const { account } = await client.call("getCurrent");
  assert.deepEqual([account.id, account.username], [registered.account.id, NAME]);

  const change = {
    updateMask: { paths: ["full_name"] },
    fullName: "Margaret Hamilton",
    // Not in the mask, so it must stay as it is.
    username: "somebody-else",
    etag: account.etag,
  };
  const changed = await client.call("update", change);
  assert.deepEqual([changed.account.fullName, changed.account.username], ["Margaret Hamilton", NAME]);
  await client.refused("update", change, ABORTED, "ETAG_MISMATCH");

  await livePicture(client);

  const { sessions } = await client.call("listSessions");
  const current = sessions.filter((session) => session.current).map((session) => session.id);
  assert.deepEqual(current, [tokens.sessionId]);

  const refreshed = await client.call("refresh", { refreshToken: tokens.refreshToken });
  assert.notEqual(refreshed.tokens.refreshToken, tokens.refreshToken);
  client.token = refreshed.tokens.accessToken;
  await client.call("logout");
  await client.refused("getCurrent", {}, UNAUTHENTICATED, "TOKEN_REVOKED");

  client.token = undefined;
  client.token = (await client.call("login", login)).tokens.accessToken;
  await client.call("delete", { currentPassword: PASSWORD });
  await client.refused("getCurrent", {}, UNAUTHENTICATED, "ACCOUNT_DELETED");
  client.token = undefined;
  await client.refused("login", login, UNAUTHENTICATED, "INVALID_CREDENTIALS");
}

const text = { type: "string" };
const { values } = parseArgs({ options: { address: text, proto: text, mail: text } });
const client = new Client(values.address, values.proto);
live(client, values.mail).finally(() => client.stub.close());
