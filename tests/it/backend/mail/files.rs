//! Letters as files.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use accountd::backend::{
    Clock, Mailer, Timestamp,
    mail::{Letter, OpenError, Options},
};

use super::letter;

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn letters_are_files_in_the_order_of_sending() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("data/mail");
    let clock = Clock::fixed(Timestamp::from_millis(1_795_256_130_123));
    let options = Options::File {
        directory: directory.clone(),
    };
    let mailer = Mailer::open(options, clock.clone()).unwrap();
    mailer.probe().await.unwrap();
    mailer.send(&letter("zoe+x@example.com")).await.unwrap();
    clock.advance(Duration::from_millis(1));
    mailer.send(&letter("a/b'$c@example.com")).await.unwrap();
    assert_eq!(
        names(&directory),
        [
            "20261121T101530.123Z-zoe+x@example.com-456789ab.eml",
            "20261121T101530.124Z-a_b__c@example.com-456789ab.eml",
        ]
    );
    for path in [
        directory.clone(),
        directory.join(names(&directory).remove(0)),
    ] {
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others may look in");
    }
}

#[tokio::test]
async fn a_code_can_be_found_by_grep() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::File {
        directory: directory.path().to_owned(),
    };
    let mailer = Mailer::open(options, Clock::System).unwrap();
    let foreign = Letter {
        subject: "北京: Ihr Code".to_owned(),
        text: "Für 北京北京北京北京北京北京北京北京北京北京北京北京:\n\n    482913\n".to_owned(),
        ..letter("nina@example.com")
    };
    mailer.send(&foreign).await.unwrap();
    let name = names(directory.path()).remove(0);
    let written = fs::read_to_string(directory.path().join(name)).unwrap();
    assert!(
        written.lines().any(|line| line == "    482913"),
        "{written}"
    );
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let directory = file.path().join("mail");
    let refused = Mailer::open(Options::File { directory }, Clock::System);
    assert!(matches!(refused, Err(OpenError::Directory { .. })));
}
