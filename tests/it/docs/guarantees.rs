//! `docs/guarantees.md` names tests that exist.

const PAGE: &str = include_str!("../../../docs/guarantees.md");

#[test]
fn every_test_that_a_promise_names_exists() {
    let tests = super::tests::by_id();
    let quoted = PAGE.split('`').skip(1).step_by(2);
    let named: Vec<&str> = quoted.filter(|name| super::tests::is_case(name)).collect();
    assert!(named.len() > 40, "promises are shown by tests");
    for name in named {
        let id = super::tests::id_of(name);
        let found = tests.get(&id).is_some_and(|names| names.contains_key(name));
        assert!(found, "there is no test {name}");
    }
}
