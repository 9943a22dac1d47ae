//! What is to happen when a client says certain bytes.

/// The longest pattern, so that a connection remembers no more than it must.
pub(super) const LONGEST: usize = 256;

/// What happens then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    CutBefore,
    LoseReply,
}

/// A pattern that is waited for.
pub(super) struct Trap {
    pattern: Vec<u8>,
    left: usize,
    plan: Plan,
}

impl Trap {
    pub(super) fn new(pattern: &[u8], times: usize, plan: Plan) -> Self {
        assert!(
            (1..=LONGEST).contains(&pattern.len()),
            "1 to {LONGEST} bytes"
        );
        assert!(times > 0, "never is no plan");
        Self {
            pattern: pattern.to_vec(),
            left: times,
            plan,
        }
    }

    pub(super) const fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// The plan, if the pattern ends in `chunk`. It may begin in `before`, the bytes that came just ahead.
    pub(super) fn spring(&mut self, before: &[u8], chunk: &[u8]) -> Option<Plan> {
        let length = self.pattern.len();
        let from = before.len().saturating_sub(length - 1);
        let seen = [&before[from..], chunk].concat();
        if self.is_spent() || !seen.windows(length).any(|window| window == self.pattern) {
            return None;
        }
        self.left -= 1;
        Some(self.plan)
    }
}

#[test]
fn a_pattern_is_seen_across_chunks_and_once() {
    let mut trap = Trap::new(b"COMMIT", 1, Plan::CutBefore);
    assert_eq!(trap.spring(b"COMMIT", b" and"), None, "it was seen before");
    assert_eq!(trap.spring(b"xCOMM", b"I"), None);
    assert_eq!(trap.spring(b"xCOMMI", b"T;"), Some(Plan::CutBefore));
    assert!(trap.is_spent());
    assert_eq!(trap.spring(b"", b"COMMIT"), None);
}
