// The page at /docs of a dialect, in a browser: an operation is tried there as a person does it.
//
// tests/it/gateway/page.rs runs it against the binary. It prints the status and the body that the page shows, and exits 0
// when everything came from the listener itself and the browser had nothing to complain about.

const assert = require("node:assert/strict");
const { parseArgs } = require("node:util");

const { chromium } = require("playwright-core");

// Longer than anything here takes on a busy machine.
const PATIENCE_MS = 60_000;

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Notes what the page asks of others and what the browser says against it. */
function watch(page, origin) {
  const found = { strangers: [], complaints: [] };
  page.on("request", (request) => {
    const url = new URL(request.url());
    // What the page carries within itself is asked of nobody.
    if (url.protocol !== "data:" && url.origin !== origin) found.strangers.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error") found.complaints.push(message.text());
  });
  page.on("pageerror", (error) => found.complaints.push(String(error)));
  return found;
}

/** Opens the operation, sends the body or else the example of the document, and gives back what the page then shows. */
async function tryOut(page, { method, path, body }) {
  const operation = page.locator(`.opblock-${method}`).filter({ has: page.locator(`[data-path="${path}"]`) });
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Try it out" }).click();
  if (body !== undefined) await operation.locator("textarea.body-param__text").fill(body);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === method.toUpperCase()),
    operation.getByRole("button", { name: "Execute" }).click(),
  ]);
  const shown = operation.locator(".live-responses-table .response");
  const status = await shown.locator(".response-col_status").innerText();
  const text = await shown.locator(".response-col_description pre").first().innerText();
  assert.equal(new URL(answer.url()).pathname, path);
  assert.equal(status.trim(), String(answer.status()));
  const told = JSON.stringify(JSON.parse(text));
  assert.equal(told, JSON.stringify(await answer.json()), "the page shows another answer than it got");
  return { status: answer.status(), told };
}

async function main() {
  const { values } = parseArgs({
    options: {
      page: { type: "string" },
      browser: { type: "string" },
      method: { type: "string" },
      path: { type: "string" },
      body: { type: "string" },
    },
  });
  const { origin } = new URL(values.page);
  const browser = await chromium.launch({ executablePath: values.browser, args: ARGUMENTS, timeout: PATIENCE_MS });
  try {
    const context = await browser.newContext();
    // Told by the page itself, where a refused script would otherwise just be missing.
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        console.error(`${event.violatedDirective} forbids ${event.blockedURI}`);
      });
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const found = watch(page, origin);

    await page.goto(values.page);
    await page.locator(".opblock").first().waitFor();
    assert.deepEqual(found.complaints, [], "before anything is tried");
    const shown = await tryOut(page, values);

    assert.deepEqual(found.strangers, []);
    // Of an answer that is a refusal, the browser says so itself.
    const refusal = `Failed to load resource: the server responded with a status of ${shown.status} `;
    const complaints = found.complaints.filter((text) => !text.startsWith(refusal));
    assert.deepEqual(complaints, []);
    console.log(`${shown.status} ${shown.told}`);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
