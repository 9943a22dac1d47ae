//! The README's transcript, run as it stands: what it promises is what happens.

mod mask;
mod transcript;

use std::{fs, path::Path, process::Command};

use self::transcript::Transcript;
use crate::support::binary::{Binary, root, tool};

/// Set to anything, the answers in the README become those that were just given.
const UPDATE: &str = "UPDATE_README";

/// One session of a shell, against a service that was told nothing: it listens where the README says.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says in the environment what they are for"
)]
fn the_readme_tells_what_grpcurl_answers() {
    let path = root().join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let transcript = Transcript::parse(&text);
    let steps = transcript.steps();
    assert!(!steps.is_empty(), "the README has no transcript");
    let accountd = Binary::start_with(&[]);
    let answers = run(&transcript, accountd.directory());
    drop(accountd);
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, transcript.with_answers(&answers)).unwrap();
        return;
    }
    for (step, given) in steps.into_iter().zip(&answers) {
        let (told, given) = (mask::mask(&step.answer), mask::mask(given));
        let command = step.command.trim_end();
        assert!(
            told == given,
            "with {UPDATE}=1, this test mends the README, which says of `{command}`\n{told}\nwhile it is\n{given}"
        );
    }
}

/// Runs the commands in one shell in `directory`, and gives back what each printed.
fn run(transcript: &Transcript, directory: &Path) -> Vec<String> {
    let script = directory.join("transcript.sh");
    fs::write(&script, transcript.script()).unwrap();
    let path = format!("{}:/usr/bin:/bin", tool("bin").display());
    let output = Command::new("bash")
        .arg(&script)
        .current_dir(directory)
        .env_clear()
        .env("PATH", path)
        .env("HOME", directory)
        .output()
        .expect("bash");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.is_empty(), "the transcript does not run: {errors}");
    let files = 0..transcript.steps().len();
    files
        .map(|number| fs::read_to_string(directory.join(format!("{number}.out"))).unwrap())
        .collect()
}
