use accountd::accounts::fields::Code;

use super::{huge, reason};

#[test]
fn ot_13_a_code_is_so_many_ascii_digits() {
    assert_eq!(Code::parse("012345", 6).unwrap().as_str(), "012345");
    assert_eq!(Code::parse("0123", 4).unwrap().as_str(), "0123");
    for text in [
        "",
        " 123456",
        "123456 ",
        "123-456",
        "12345",
        "1234567",
        "+12345",
        "12345a",
        "\u{661}\u{662}\u{663}",
        "\u{ff11}\u{ff12}",
        "12345\0",
        &huge("1"),
    ] {
        assert_eq!(reason(Code::parse(text, 6)), "MALFORMED");
    }
}

#[test]
fn a_code_is_not_printed() {
    assert_eq!(format!("{:?}", Code::parse("123456", 6).unwrap()), "Code");
}
