use accountd::accounts::fields::{Id, RequestId};

use super::{huge, reason};

const ID: &str = "0192f0c1-2345-7abc-89de-f0123456789a";

#[test]
fn bi_11_an_id_has_one_spelling() {
    assert_eq!(Id::parse(ID).unwrap().uuid().to_string(), ID);
    let upper = ID.to_uppercase();
    let plain = ID.replace('-', "");
    let braces = format!("{{{ID}}}");
    let urn = format!("urn:uuid:{ID}");
    let spaced = format!("{ID} ");
    for text in [
        "",
        "0",
        "-1",
        "1e3",
        "9223372036854775808",
        &upper,
        &plain,
        &braces,
        &urn,
        &spaced,
        &huge("0"),
        "0192f0c1-2345-7abc-89de-f0123456789g",
        "0192f0c12-345-7abc-89de-f0123456789a",
    ] {
        assert_eq!(reason(Id::parse(text)), "MALFORMED");
    }
}

#[test]
fn a_request_id_may_be_any_uuid_but_nil() {
    let lower = RequestId::parse(ID).unwrap();
    assert_eq!(RequestId::parse(&ID.to_uppercase()), Ok(lower));
    assert_eq!(lower.uuid().to_string(), ID);
    for text in ["", "abc", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(reason(RequestId::parse(text)), "MALFORMED");
    }
    assert_eq!(reason(RequestId::parse(&ID.replace('-', ""))), "MALFORMED");
}
