//! The commands in the pages for front ends, run as they stand: what a page promises is what happens.

mod page;

use std::{fs, path::Path, process::Command};

use self::page::{Page, compact, mask};
use crate::support::{binary::root, served::Served};

/// Set to anything, the answers in the pages become those that were just given.
const UPDATE: &str = "UPDATE_DIALECTS";

/// What each page runs in. A line that begins with `CODE=` waits for a code that is another one than before, since mails
/// are sent after the answer.
const PRELUDE: &str = r#"
another_code() {
    local before=$CODE tries
    for ((tries = 0; tries < 600; tries++)); do
        eval "$1" 2>/dev/null
        [ -n "$CODE" ] && [ "$CODE" != "$before" ] && return
        sleep 0.1
    done
    echo "no mail with another code" >&2
    exit 1
}
"#;

#[tokio::test]
async fn school_answers_what_its_page_says() {
    as_told("school", 3000).await;
}

#[tokio::test]
async fn customer_answers_what_its_page_says() {
    as_told("customer", 3001).await;
}

#[tokio::test]
async fn contact_answers_what_its_page_says() {
    as_told("contact", 3002).await;
}

#[tokio::test]
async fn profile_answers_what_its_page_says() {
    as_told("profile", 3003).await;
}

#[tokio::test]
async fn two_step_answers_what_its_page_says() {
    as_told("two_step", 3004).await;
}

/// Runs the page of a dialect in one session of a shell, where a service without configuration was started. Only the port
/// is another one than the page says: that one may be taken.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says in the environment what they are for"
)]
async fn as_told(dialect: &str, port: u16) {
    let path = root().join(format!("docs/dialects/{dialect}.md"));
    let text = fs::read_to_string(&path).unwrap();
    let page = Page::parse(&text);
    assert!(!page.steps().is_empty(), "{dialect} has no commands");
    let served = Served::start(&[]).await;
    let told_port = format!(":{port}");
    assert!(page.script().contains(&told_port), "not on port {port}");
    let given_port = format!(":{}", served.dialect(dialect).port());
    let script = page.script().replace(&told_port, &given_port);
    let data = served.data();
    let place = data.parent().unwrap().to_owned();
    let count = page.steps().len();
    let answers = tokio::task::spawn_blocking(move || run(&script, &place, count));
    let answers = answers.await.unwrap();
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, page.with_answers(&answers)).unwrap();
        return;
    }
    for (step, given) in page.steps().into_iter().zip(&answers) {
        let told = compact(step.answer.as_deref().unwrap_or_default());
        assert!(
            mask(&told) == mask(given),
            "with {UPDATE}=1, this test mends the page of {dialect}, which says of `{}`\n{told}\nwhile it is\n{given}",
            step.command.trim_end()
        );
    }
}

/// What each step prints.
fn run(script: &str, place: &Path, steps: usize) -> Vec<String> {
    fs::write(place.join("page.sh"), format!("{PRELUDE}{script}")).unwrap();
    let output = Command::new("bash")
        .arg("page.sh")
        .current_dir(place)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", place)
        .output()
        .expect("bash");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.is_empty(), "the page does not run: {errors}");
    (0..steps)
        .map(|number| {
            let printed = fs::read_to_string(place.join(format!("{number}.out")));
            compact(&printed.unwrap())
        })
        .collect()
}
