//! `docs/errors.md`, from `error_reason.proto`.

use std::fmt::Write as _;

use super::settle;
use crate::support::reasons;

const HEAD: &str = "\
# Refusals

<!-- Made from proto/accountd/v1/error_reason.proto by tests/it/docs/errors.rs. -->

Every refusal is a `google.rpc.Status` with these details:

- `google.rpc.ErrorInfo`: a reason of this page, the domain `accountd`, and metadata as in the example. Switch on the
  reason: texts may change, reasons do not.
- `google.rpc.RequestInfo`: the id of the call, under which the log has it; the answer's header `x-request-id` is the same.
- `google.rpc.BadRequest` where fields were wrong: all of them at once.
- `google.rpc.RetryInfo` where the wait is known.
- `google.rpc.QuotaFailure` where a limit was reached: which one.

| Reason | Code | Meaning | Metadata, for example |
|---|---|---|---|
";

#[test]
fn the_page_of_refusals_is_fresh() {
    let mut page = String::from(HEAD);
    for reason in reasons::all() {
        let example = match reason.example.as_str() {
            "{}" => String::new(),
            example => format!("`{example}`"),
        };
        let (name, code, meaning) = (&reason.name, &reason.code, &reason.meaning);
        writeln!(page, "| `{name}` | `{code}` | {meaning} | {example} |").unwrap();
    }
    settle("errors.md", &page);
}
