//! Every pair of calls that want the same thing, made at once on two nodes whose every step outwards may be late, so
//! that they meet in another way each time. What they answer and leave is what one after the other would.

use std::{fmt::Debug, time::Duration};

use accountd::{config::Settings, faults::Noise};
use tonic::{Code, Status};

use super::two_nodes;
use crate::support::{
    client::reason,
    service::{Engines, Ground, Node},
};

mod codes;
mod deletion;
mod names;
mod sessions;

/// Two nodes on which three calls outwards of ten are up to 10 ms late.
pub(super) async fn noisy_nodes(engines: Engines, change: impl FnOnce(&mut Settings)) -> [Node; 2] {
    let nodes = two_nodes(engines, change).await;
    for (seed, node) in (1..).zip(&nodes) {
        node.app.faults.noise(Some(Noise {
            seed,
            late: 300,
            by: Duration::from_millis(10),
            failing: 0,
        }));
    }
    nodes
}

/// Refusals tell their reasons, codes are so long that no two are equal by chance, and there are enough of them.
fn telling(settings: &mut Settings) {
    let realm = Ground::realm(settings, "default");
    realm.disclose_accounts = true;
    realm.code_digits = 10;
    realm.code_daily = 10_000;
    realm.code_in_a_row = 10_000;
}

/// The reason of a refusal, which must be one of `expected`.
#[track_caller]
fn refused_as(status: &Status, expected: &[&str]) -> String {
    let why = reason(status);
    assert!(expected.contains(&why.as_str()), "{status:?}");
    assert_ne!(status.code(), Code::Internal, "{status:?}");
    why
}

/// The one of two calls that was done, as its number, and both answers; the other was refused for one of `reasons`.
#[track_caller]
fn one_of<T: Debug>(
    one: Result<T, Status>,
    other: Result<T, Status>,
    reasons: &[&str],
) -> (usize, T) {
    match (one, other) {
        (Ok(done), Err(refused)) => {
            refused_as(&refused, reasons);
            (0, done)
        }
        (Err(refused), Ok(done)) => {
            refused_as(&refused, reasons);
            (1, done)
        }
        (one, other) => panic!("not one of two: {one:?} and {other:?}"),
    }
}
