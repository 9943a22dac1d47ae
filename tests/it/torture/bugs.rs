//! LC-08: bugs that other services have shipped are put back one by one, and each is found within its budget. A harness
//! that cannot fail proves nothing.

use std::{collections::BTreeSet, time::Duration};

use accountd::faults::Bug;

use super::{Plan, nemesis::Rage, run, world::Habit};
use crate::support::service::Engines;

/// How long a bug may stay unseen, on a machine with other things to do.
const BUDGET: Duration = Duration::from_secs(40);
/// For those that only show when all is over.
const SHORT: Duration = Duration::from_secs(4);
/// How long letters are waited for where one may never come. One that was refused at every try of a short run comes
/// within eight seconds of its end.
const LETTERS: Duration = Duration::from_secs(12);

/// Puts a bug back and expects one of `signs` to be told of. Several are given where one bug breaks several invariants and
/// chance decides which is met first.
async fn find(bug: Bug, engines: Engines, rage: Rage, lasts: Duration, signs: &[&str]) {
    let outcome = run(&Plan {
        engines,
        seed: 1,
        lasts,
        bug: Some(bug),
        letters: (bug == Bug::MailIsTriedOnce).then_some(LETTERS),
        rage,
        // A lost change may show as any other invariant that it was to keep: an end that did not come, a budget that was
        // not counted, an account made twice. Those who only look and rename see the loss itself.
        habit: if bug == Bug::CommitIsNotLookedAt {
            Habit::Plain
        } else {
            Habit::All
        },
    })
    .await;
    let report = outcome.report;
    assert!(
        !outcome.broken.is_empty(),
        "{bug:?} was not found:\n{report}"
    );
    // Others may meet what it did before the one who did it is answered.
    let found = outcome
        .broken
        .iter()
        .find(|text| signs.contains(&invariant(text)));
    let found = found.unwrap_or_else(|| {
        let broken = outcome.broken.join("\n\n");
        panic!("{bug:?} was taken for something else than {signs:?}: {broken}")
    });
    println!("{bug:?} was found: {found}");
}

/// What a text says is broken.
fn invariant(text: &str) -> &str {
    text.split_once(':')
        .map_or(text, |(invariant, _)| invariant)
}

/// A short run in which nothing is to be found.
async fn find_none(engines: Engines, rage: Rage, habit: Habit) {
    let outcome = run(&Plan {
        engines,
        seed: 1,
        lasts: SHORT,
        bug: None,
        letters: (rage == Rage::Mail).then_some(LETTERS),
        rage,
        habit,
    })
    .await;
    assert!(outcome.broken.is_empty(), "{}", outcome.broken.join("\n\n"));
}

macro_rules! bugs {
    ($($name:ident: $bug:ident on $engines:ident under $rage:ident for $lasts:ident as $($sign:literal)|+;)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                find(Bug::$bug, Engines::$engines, Rage::$rage, $lasts, &[$($sign),+]).await;
            }
        )+

        #[test]
        fn lc_08_every_bug_is_put_back() {
            let tried = BTreeSet::from([$(Bug::$bug),+]);
            assert_eq!(tried, Bug::all().collect());
            assert!(tried.len() >= 15);
        }
    };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_08_where_no_bug_is_none_is_found() {
    find_none(Engines::Embedded, Rage::None, Habit::All).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_08_where_no_bug_is_none_is_found_under_noise() {
    find_none(Engines::Embedded, Rage::Noise, Habit::All).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_08_where_no_bug_is_none_is_found_under_noise_by_plain_people() {
    find_none(Engines::Embedded, Rage::Noise, Habit::Plain).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_08_where_no_bug_is_none_is_found_on_two_nodes() {
    find_none(Engines::Production, Rage::None, Habit::All).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_08_where_no_bug_is_none_is_found_under_clocks() {
    find_none(Engines::Production, Rage::Clocks, Habit::All).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_08_where_no_bug_is_none_is_found_under_mail() {
    find_none(Engines::Production, Rage::Mail, Habit::All).await;
}

bugs! {
    lc_08_free_guesses_are_found: GuessesAreFree on Embedded under None for BUDGET as "I4";
    lc_08_a_budget_that_resends_renew_is_found: ResendRenewsTheBudget on Embedded under None for BUDGET as "I4";
    lc_08_a_code_used_twice_is_found: CodeIsUsedTwice on Embedded under None for BUDGET as "I2";
    lc_08_an_expired_code_that_works_is_found: CodesLiveForADay on Production under Clocks for BUDGET as "I18";
    lc_08_addresses_compared_as_typed_are_found: AddressesAreComparedAsTyped on Embedded under None for BUDGET as "I5";
    lc_08_a_lost_answer_taken_for_theft_is_found: LostAnswerIsTheft on Embedded under None for BUDGET as "I9";
    lc_08_forgiven_reuse_is_found: ReuseIsForgiven on Embedded under None for BUDGET as "I9";
    lc_08_a_logout_that_is_only_marked_is_found: LogoutIsOnlyMarked on Production under None for BUDGET as "I1";
    lc_08_changes_that_are_not_announced_are_found: ChangesAreNotAnnounced on Embedded under None for BUDGET as "I1" | "I7" | "I8";
    lc_08_sessions_that_outlive_the_password_are_found: SessionsOutliveThePassword on Embedded under None for BUDGET as "I8";
    lc_08_an_old_password_that_wins_the_race_is_found: OldPasswordWinsTheRace on Production under None for BUDGET as "I8";
    lc_08_a_deleted_account_that_stays_is_found: DeletedAccountStays on Embedded under None for BUDGET as "I7";
    lc_08_foreign_sessions_that_are_ended_are_found: ForeignSessionsAreEnded on Embedded under None for BUDGET as "I14";
    lc_08_an_outage_told_as_a_wrong_password_is_found: OutageIsAWrongPassword on Embedded under Noise for BUDGET as "I11";
    lc_08_a_commit_that_nobody_looks_at_is_found: CommitIsNotLookedAt on Embedded under Noise for BUDGET as "I6";
    lc_08_mail_that_is_tried_once_is_found: MailIsTriedOnce on Production under Mail for SHORT as "I6";
    lc_08_an_ignored_request_id_is_found: RequestIdIsIgnored on Embedded under None for BUDGET as "I10";
    lc_08_refusals_without_an_event_are_found: RefusalsLeaveNoEvent on Embedded under None for SHORT as "LC-06";
}
