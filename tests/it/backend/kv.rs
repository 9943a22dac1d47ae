//! The key-value store: one list of behaviours, which memory and every kind of Redis must share.

mod bench;
mod claims;
mod cluster;
mod codes;
mod eviction;
mod faults;
mod limits;
mod marks;
mod options;
mod sentinel;
mod tls;

use bench::Bench;

/// Each behaviour once in memory and once on a Redis of its own, and `on_both::all` of them in a row.
macro_rules! on_both {
    ($($module:ident::$behaviour:ident,)*) => {
        mod memory {
            $(#[tokio::test]
            async fn $behaviour() {
                super::$module::$behaviour(&super::Bench::memory().await).await;
            })*
        }
        mod redis {
            $(#[tokio::test]
            async fn $behaviour() {
                let bench = super::Bench::redis().await;
                super::$module::$behaviour(&bench).await;
                bench.every_key_has_a_ttl().await;
            })*
        }
        async fn all(bench: &Bench) {
            $($module::$behaviour(bench).await;)*
        }
    };
}

on_both! {
    claims::a_claim_keeps_others_out_until_it_is_released,
    claims::a_claim_that_is_asked_for_twice_is_had,
    claims::a_claim_ends_with_its_lease,
    claims::of_parallel_claims_one_is_had,
    codes::ot_01_a_kv_code_is_burnt_after_its_guesses,
    codes::ot_02_of_200_parallel_kv_guesses_5_are_evaluated,
    codes::a_returned_kv_guess_is_that_of_its_issue,
    codes::ot_04_a_kv_code_ends_with_its_time,
    codes::ot_04_a_newer_kv_code_replaces_the_older,
    codes::ot_04_dropping_an_older_issue_keeps_the_newer,
    codes::a_subject_may_contain_anything,
    limits::a_full_bucket_grants_a_burst_and_then_one_token_per_period,
    limits::a_refusal_costs_no_token,
    limits::ov_04_buckets_are_apart_and_can_be_forgotten,
    limits::of_parallel_calls_only_the_burst_is_granted,
    limits::a_bucket_of_size_zero_grants_nothing,
    limits::extreme_rates_are_cut,
    marks::i1_marked_sessions_are_found_and_others_are_not,
    marks::a_mark_ends_with_its_time,
    marks::many_sessions_are_marked_at_once,
}
