//! What no honest server, network or host would hand in. Each row has a test here or where its subject is at home;
//! "scenario" is a file of `tests/scenarios`.
//!
//! | row | tests |
//! |---|---|
//! | huge sets | [`sets::huge_sets_keep_to_the_caps`], `wire/hostile.rs`: `four_thousand_records…`, scenario `records-beyond-4096-are-not-read` |
//! | duplicates | [`sets::thousands_of_one_target_are_one`], scenarios `exact-duplicates-are-merged`, `same-target-under-two-…` |
//! | `.` | [`sets::the_root_among_thousands`], scenarios `lone-dot-…`, `dot-among-others-is-dropped`, `dot-at-start-…` |
//! | alias loops | `wire/hostile.rs`: `thousands_of_aliases…`, `pointers_to_themselves…` |
//! | names with NUL, control, quotes, 300 bytes, non-ASCII | [`names`], `wire/hostile.rs`: `the_text_of_a_target…`, scenarios `bad-name-…`, `over-long-name-…` |
//! | port 0 | [`sets::port_0_in_every_record`], scenario `port-0-drops-the-record` |
//! | weight sums | [`sets::the_largest_weights_add_up`], scenario `weighted-largest-weights` |
//! | TTL 0 and 2^31 | [`sets::a_ttl_is_used_as_a_minute_to_a_day`], scenarios `ttl-of-a-second-…`, `ttl-of-a-month-…` |
//! | Retry-After 0, huge | [`answers::a_retry_after_holds_a_second_to_half_an_hour`], scenario `retry-after-counts-for-half-an-hour-at-most` |
//! | Retry-After negative, a date | the phone's `sip/message.rs`: `what_is_no_number_is_none`; the core takes numbers alone |
//! | Min-Expires huge | [`answers::a_min_expires_is_a_day_at_most`], scenario `min-expires-beyond-a-day-…` |
//! | 3xx, 423 and 401 loops | [`answers::loops_are_paced`] |
//! | late, repeated, reordered answers | [`answers::late_repeated_and_reordered`], `properties`, `tests/reference` |
//! | time backwards, a year ahead | [`clocks`], scenarios `clock-set-back-…`, `sleep-of-eight-hours-…` |
//! | forged ids | [`answers::forged_ids_change_nothing`], scenarios `unknown-id-is-refused`, `ids-of-the-past-…` |
//! | a snapshot with flipped bits | `snapshots.rs`: `every_single_byte_changed`, `random_bytes`, `huge_counts`; `tests/fuzz`: `snapshots` |
//! | no name unescaped in a log line | [`names::no_text_of_the_core_has_a_control_character`], `tests/fuzz`: `configuration`, `dns` |
#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

mod answers;
mod clocks;
mod names;
mod phone;
mod sets;
