use accountd::keys::Algorithm;

use crate::support::key_directory::KeyDirectory;

#[test]
fn a_sealed_reply_opens_for_its_request_alone() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    for plain in [&b""[..], b"x", b"a reply with a token in it"] {
        let sealed = keys.seal(plain, b"request");
        assert_eq!(sealed.len(), plain.len() + 50);
        assert_eq!(keys.open(&sealed, b"request").as_deref(), Some(plain));
        assert_eq!(keys.open(&sealed, b"other request"), None);
        assert_eq!(keys.open(&sealed, b""), None);
    }
}

#[test]
fn a_changed_or_cut_reply_does_not_open() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    let sealed = keys.seal(b"a reply", b"request");
    for position in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[position] ^= 1 << bit;
            assert_eq!(keys.open(&changed, b"request"), None, "{position}.{bit}");
        }
        assert_eq!(keys.open(&sealed[..position], b"request"), None);
    }
}

#[test]
fn equal_replies_are_sealed_differently() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    assert_ne!(keys.seal(b"reply", b""), keys.seal(b"reply", b""));
}

#[test]
fn the_end_of_a_secret_is_the_end_of_what_it_sealed() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    let (sealed, old) = (keys.seal(b"reply", b""), keys.secret_id());
    std::fs::remove_file(directory.secret_file()).unwrap();
    directory.generate_missing();
    assert!(keys.reload().unwrap());
    assert_eq!(keys.open(&sealed, b""), None);
    assert!(keys.pepper(&old).is_none());
    assert!(keys.refresh_mac(&old, &[]).is_none());
}
