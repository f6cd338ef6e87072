//! What every store has to do, whatever its database is. A test is listed here once and run on each engine.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop; each file uses a part"
)]

pub mod audit;
pub mod capture;
pub mod common;
pub mod disputes;
pub mod duplicates;
pub mod keys;
pub mod kiosk;
pub mod lists;
pub mod movements;
pub mod moves;
pub mod objects;
pub mod payments;
pub mod races;
pub mod renewals;
pub mod requests;
pub mod templates;
pub mod voices;
pub mod webhooks;

/// Calls `$run!(module name)` for every test of the suite.
#[allow(unused_macros, reason = "each file uses a part")]
macro_rules! every_test {
    ($run:ident) => {
        $run!(payments a_payment_by_face_leaves_receipt_promise_event_and_audit);
        $run!(payments available_counts_holds);
        $run!(payments a_hold_ends_once);
        $run!(payments one_transfer_named_often_in_a_batch_moves_once);
        $run!(payments a_hundred_confirms_of_one_intent_pay_once);
        $run!(payments many_payments_at_once_never_overdraw);
        $run!(payments refunds_at_once_never_exceed_the_payment);
        $run!(payments a_refund_needs_a_payment_of_that_merchant_and_its_money);
        $run!(payments a_decision_is_for_its_terms_payer_and_minute_and_works_once);
        $run!(payments a_challenge_is_taken_once_and_only_for_its_payment);
        $run!(payments tries_end_and_failures_lock_one_device_only);
        $run!(payments canceled_and_expired_intents_cannot_be_paid);
        $run!(payments a_refused_payment_leaves_nothing_behind);
        $run!(payments what_a_step_up_proved_is_remembered_for_its_own_payment_and_for_a_while);
        $run!(objects an_object_keeps_its_kind_and_is_found_for_comparison);
        $run!(audit an_entry_is_proven_by_the_key_alone);
        $run!(capture a_hold_is_captured_once_and_the_rest_is_free_again);
        $run!(capture an_authorised_payment_is_canceled_or_expires_and_its_money_comes_back);
        $run!(capture captures_cancels_and_expiry_at_once_end_the_hold_once);
        $run!(disputes an_open_dispute_holds_its_money_and_ends_once);
        $run!(disputes a_lost_dispute_is_paid_back_even_when_the_merchant_has_nothing);
        $run!(disputes disputes_and_refunds_together_never_exceed_the_payment);
        $run!(duplicates a_pair_is_noted_once_and_only_while_both_agree);
        $run!(kiosk a_kiosk_finds_only_who_agrees_right_now);
        $run!(kiosk an_attempt_becomes_one_challenge_of_one_payer_and_pays_once);
        $run!(kiosk an_attempt_that_tells_nobody_ends_and_the_payment_waits);
        $run!(movements what_leaves_is_held_until_the_rail_answers);
        $run!(movements a_transfer_between_wallets_repeats_by_key_and_never_overdraws);
        $run!(keys a_key_is_found_while_it_works_and_its_successor_may_do_the_same);
        $run!(keys the_last_secret_key_stays);
        $run!(lists pages_show_every_row_once_in_both_directions);
        $run!(lists an_account_adds_up_at_any_time);
        $run!(moves a_copy_holds_everything_and_goes_on);
        $run!(races races_let_through_what_there_is_money_for);
        $run!(renewals a_sealed_form_is_exchanged_only_for_the_one_that_is_there);
        $run!(renewals only_what_nobody_used_for_long_is_found);
        $run!(requests one_batch_keeps_good_jobs_and_drops_bad_ones);
        $run!(requests a_repeated_request_gets_the_first_reply);
        $run!(requests a_hundred_refunds_under_one_key_are_one_refund);
        $run!(requests work_in_several_steps_is_claimed_finished_or_given_back);
        $run!(requests a_reply_is_saved_in_the_commit_of_its_effect_or_not_at_all);
        $run!(requests an_e_mail_address_has_one_account);
        $run!(webhooks an_endpoint_gets_the_kinds_it_wants_and_nothing_while_it_is_off);
        $run!(webhooks a_new_secret_stands_beside_the_old_one);
        $run!(webhooks what_was_given_up_is_listed_and_taken_up_again);
        $run!(voices a_key_phrase_is_its_voices_and_goes_with_it);
        $run!(templates a_template_changes_only_with_consent_and_from_what_it_was);
    };
}
#[allow(unused_imports, reason = "each file uses a part")]
pub(crate) use every_test;
