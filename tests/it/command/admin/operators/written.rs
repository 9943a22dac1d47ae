//! What stands in the file already, in people's own words or broken.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
};

use super::{add, file, mode, operator, text};
use crate::support::installation::Installation;

/// One whose file says that.
fn with_file(text: &str) -> Installation {
    let accountd = Installation::new();
    fs::create_dir(accountd.path().join("data")).unwrap();
    fs::write(file(&accountd), text).unwrap();
    fs::set_permissions(file(&accountd), fs::Permissions::from_mode(0o640)).unwrap();
    accountd
}

#[test]
fn what_people_wrote_stays() {
    let before = "# Our operators. Ask Ann.\n\n# Ann, by day\n[[operators]] # since 2024\nname = \"ann\"\nscopes = [\n  # looks only\n  \"audit.read\",\n]\ntoken_sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\n\n# Bob, by night\n[[operators]]\nname = \"bob\"\nscopes = []\ncertificate = \"bob.example.com\"\n# nobody else\n";
    let accountd = with_file(before);
    add(
        &accountd,
        &[
            "carol",
            "--scope",
            "audit.read",
            "--certificate",
            "carol.example.com",
        ],
    )
    .worked();
    assert_eq!(
        text(&accountd),
        format!(
            "{before}\n[[operators]]\nname = \"carol\"\nscopes = [\"audit.read\"]\ncertificate = \"carol.example.com\"\n"
        )
    );
    assert_eq!(
        mode(file(&accountd)),
        0o640,
        "whoever may read it may still"
    );
    operator(&accountd, &["remove", "carol"]).worked();
    assert_eq!(text(&accountd).trim_end(), before.trim_end());
    operator(&accountd, &["remove", "ann"]).worked();
    assert_eq!(
        text(&accountd).trim_end(),
        "# Our operators. Ask Ann.\n\n# Ann, by day\n# Bob, by night\n[[operators]]\nname = \"bob\"\nscopes = []\ncertificate = \"bob.example.com\"\n# nobody else"
    );
    operator(&accountd, &["remove", "bob"]).worked();
    let rest = text(&accountd);
    assert!(
        !rest.contains("operators]]") && rest.contains("# nobody else"),
        "{rest}"
    );
    assert!(operator(&accountd, &["list", "--json"]).worked().is_empty());
    assert_eq!(mode(file(&accountd)), 0o640);
}

#[test]
fn a_file_in_another_style_is_left_to_its_author() {
    let before = "operators = [{ name = \"ann\", scopes = [\"audit.read\"], certificate = \"ann.example.com\" }]\n";
    let accountd = with_file(before);
    assert!(
        operator(&accountd, &["list"])
            .worked()
            .contains("ann.example.com")
    );
    let removed = operator(&accountd, &["remove", "ann"]).refused();
    assert!(removed.contains("by hand"), "{removed}");
    let added = add(&accountd, &["bob", "--scope", "audit.read"]).refused();
    assert!(
        added.contains("by hand") && !added.contains("accountd_op_"),
        "{added}"
    );
    assert_eq!(text(&accountd), before);
}

#[test]
fn a_file_that_others_may_write_is_refused() {
    for open in [0o620, 0o602, 0o666] {
        let accountd = with_file("");
        fs::set_permissions(file(&accountd), fs::Permissions::from_mode(open)).unwrap();
        for arguments in [
            &["list"][..],
            &["remove", "ann"],
            &["add", "ann", "--scope", "audit.read"],
        ] {
            let refused = operator(&accountd, arguments).refused();
            assert!(refused.contains("chmod go-w"), "{refused}");
        }
        assert_eq!(text(&accountd), "");
    }
}

#[test]
fn a_broken_file_is_told_by_its_line_and_stays_as_it_is() {
    let ann = "[[operators]]\nname = \"ann\"\nscopes = [\"audit.read\"]\n";
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let cases = [
        (
            format!("{ann}token = \"accountd_op_s3cret\"\n"),
            "line 4: unknown field",
        ),
        (
            format!("{ann}token_sha256 = \"accountd_op_s3cret\"\n"),
            "64 hex digits",
        ),
        (ann.to_owned(), "token_sha256 or a certificate"),
        (
            format!("{ann}token_sha256 = \"{digest}\"\ncertificate = \"a.example\"\n"),
            "not both",
        ),
        (format!("{ann}certificate = \"no name\"\n"), "DNS name"),
        (
            format!("{ann}certificate = \"a.example\"\nexpires = 2027-01-01\n"),
            "expires of ann",
        ),
        (
            format!("{ann}certificate = \"a.example\"\n{ann}certificate = \"b.example\"\n"),
            "the same name",
        ),
        (
            format!(
                "{ann}token_sha256 = \"{digest}\"\n{}token_sha256 = \"{digest}\"\n",
                ann.replace("ann", "bob")
            ),
            "ann and bob",
        ),
        (
            "[[operators]]\nname = \"a b\"\nscopes = []\ncertificate = \"a.example\"\n".to_owned(),
            "is no name",
        ),
        (
            "[[operators]]\nname = \"ann\"\nscopes = [\"all\"]\ncertificate = \"a.example\"\n"
                .to_owned(),
            "is no scope",
        ),
        (
            "[[operator]]\nname = \"ann\"\n".to_owned(),
            "line 1: unknown field",
        ),
        ("name = \n".to_owned(), "line 1: "),
    ];
    for (before, expected) in cases {
        let accountd = with_file(&before);
        for arguments in [
            &["list"][..],
            &["remove", "ann"],
            &["add", "eve", "--scope", "audit.read"],
        ] {
            let refused = operator(&accountd, arguments).refused();
            assert!(refused.contains(expected), "{before}: {refused}");
            assert!(!refused.contains("s3cret"), "{refused}");
        }
        assert_eq!(text(&accountd), before);
    }
}

#[test]
fn a_link_stays_a_link() {
    let accountd = with_file("");
    let real = accountd.path().join("real.toml");
    fs::rename(file(&accountd), &real).unwrap();
    symlink(&real, file(&accountd)).unwrap();
    add(&accountd, &["ann", "--scope", "audit.read"]).worked();
    assert!(fs::symlink_metadata(file(&accountd)).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("ann"));
}
